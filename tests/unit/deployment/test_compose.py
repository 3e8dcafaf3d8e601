"""docker-compose.yml and Dockerfile refer only to things that exist.

Containers are not started here; these tests catch what parsing can catch.
"""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.cli.settings_table import SERVICES

ROOT = Path(__file__).parents[3]
OURS = ("ingest", "api", "worker-articles", "worker-views", "beat", "flower")
# module that a container runs -> name of its settings class in SERVICES
SETTINGS_OF_MODULE = {"services.ingest": "ingest", "services.api": "api", "services.indexer": "indexer"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def dockerfile() -> list[str]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_every_service_of_the_design_is_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {*OURS, "redis", "elasticsearch"}


@pytest.mark.parametrize("name", OURS)
def test_environment_variables_are_settings_of_the_service(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    settings = SERVICES[SETTINGS_OF_MODULE[service["command"][0]]]
    known = {f"KHOBOR_{field.upper()}" for field in settings.model_fields}
    assert set(service["environment"]) <= known


@pytest.mark.parametrize("name", OURS)
def test_required_settings_are_given(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    settings = SERVICES[SETTINGS_OF_MODULE[service["command"][0]]]
    required = {f"KHOBOR_{field.upper()}" for field, info in settings.model_fields.items() if info.is_required()}
    assert required <= set(service["environment"])


@pytest.mark.parametrize("name", OURS)
def test_settings_are_valid_once_the_secrets_are_there(
    compose: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = compose["services"][name]
    for variable, value in service["environment"].items():
        monkeypatch.setenv(variable, _interpolated(value))
    SERVICES[SETTINGS_OF_MODULE[service["command"][0]]]()


@pytest.mark.parametrize("name", OURS)
def test_commands_and_health_checks_run_modules_that_exist(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert importlib.util.find_spec(f"{service['command'][0]}.__main__") is not None
    test = service["healthcheck"]["test"]
    assert test[:3] == ["CMD", "python", "-m"]
    assert importlib.util.find_spec(test[3]) is not None


@pytest.mark.parametrize("name", ["ingest", "api", "flower"])
def test_health_checks_and_published_ports_meet_the_port_that_is_listened_on(
    compose: dict[str, Any], name: str
) -> None:
    service = compose["services"][name]
    port = service["environment"][f"KHOBOR_{name.upper()}_PORT"]
    assert f":{port}/" in service["healthcheck"]["test"][-1]
    assert [published.rsplit(":", 1)[1] for published in service["ports"]] == [port]


def test_nothing_is_published_beyond_localhost_unless_asked_for(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for published in service.get("ports", []):
            assert _interpolated(published).startswith("127.0.0.1:"), name


def test_flower_cannot_be_published_elsewhere(compose: dict[str, Any]) -> None:
    assert compose["services"]["flower"]["ports"] == ["127.0.0.1:5555:5555"]
    assert "KHOBOR_FLOWER_PASSWORD" in compose["services"]["flower"]["environment"]


def test_dependencies_and_volumes_are_declared(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for dependency in service.get("depends_on", {}):
            assert "healthcheck" in compose["services"][dependency], name
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in compose["volumes"], name
    used = {volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])}
    assert used == set(compose["volumes"])


def test_every_service_restarts_is_checked_and_may_finish_its_work(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["restart"] == "unless-stopped", name
        assert service["stop_grace_period"] == "45s", name
        assert service["healthcheck"]["test"], name


def test_images_have_a_fixed_version(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert re.search(r":\d+\.\d+", service["image"]), name


def test_no_secret_stands_in_the_file(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|TOKEN|AUTH", variable):
                assert re.match(r"\$\{\w+:\?", value), (name, variable)


def test_redis_keeps_what_it_was_given(compose: dict[str, Any]) -> None:
    command = compose["services"]["redis"]["command"][-1]
    assert "--appendonly yes --appendfsync always" in command
    assert "--maxmemory-policy noeviction" in command


def test_the_image_copies_what_exists_and_does_not_run_as_root(dockerfile: list[str]) -> None:
    for source in _copied(dockerfile):
        assert (ROOT / source).exists(), source
    users = [line.split()[1] for line in dockerfile if line.startswith("USER")]
    assert users == ["khobor"]
    assert any("useradd" in line and "khobor" in line for line in dockerfile)


def test_what_the_image_copies_is_not_ignored(dockerfile: list[str]) -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert _copied(dockerfile) == kept


def _copied(dockerfile: list[str]) -> set[str]:
    return {
        source
        for line in dockerfile
        if line.startswith("COPY") and "--from" not in line
        for source in line.split()[1:-1]
    }


def _interpolated(value: str) -> str:
    """Compose's ${NAME:-default} and ${NAME:?error}, with a stand-in for what must be given."""
    value = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
    return re.sub(r"\$\{\w+:\?[^}]*\}", "a-stand-in-of-enough-length-for-any-rule", value)
