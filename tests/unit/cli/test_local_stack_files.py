"""Ports, secrets and configuration files of the local stack."""

import configparser
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.settings import read_settings
from services.cli.stack.env_files import ensure_secrets, read_env_file, write_env_file
from services.cli.stack.network_ports import PREFERRED, PortTakenError, choose_ports
from services.cli.stack.supervisor_config import programs, render_supervisor_config, render_valkey_config


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_remembered_port_is_taken_again_when_it_is_free(taken_port: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    chosen = choose_ports({"KHOBOR_API_PORT": str(free), "KHOBOR_INGEST_PORT": str(taken_port)}, {})
    assert chosen["KHOBOR_API_PORT"] == free
    assert chosen["KHOBOR_INGEST_PORT"] != taken_port


def test_no_two_listeners_get_one_port(taken_port: int) -> None:
    chosen = choose_ports(dict.fromkeys(PREFERRED, str(taken_port)), {})
    assert len(set(chosen.values())) == len(PREFERRED)


def test_a_taken_port_that_was_asked_for_is_named(taken_port: int) -> None:
    with pytest.raises(PortTakenError, match=f"port {taken_port} is in use"):
        choose_ports({}, {"KHOBOR_API_PORT": str(taken_port)})


@pytest.mark.parametrize("value", ["", "0", "70000", "http", "-1"])
def test_what_is_no_port_is_refused(value: str) -> None:
    with pytest.raises(PortTakenError, match="is not a port"):
        choose_ports({}, {"KHOBOR_API_PORT": value})


def test_secrets_are_generated_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    first = ensure_secrets(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(set(first.values())) == len(first)
    assert ensure_secrets(file) == first == read_env_file(file)


def test_a_secret_that_a_newer_version_needs_is_added_and_the_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    write_env_file(file, {"KHOBOR_FLOWER_PASSWORD": "kept", "KHOBOR_API_KEY": "kept too"})
    secrets = ensure_secrets(file)
    assert secrets["KHOBOR_FLOWER_PASSWORD"] == "kept"
    assert secrets["KHOBOR_API_KEY"] == "kept too"
    assert secrets["KHOBOR_VIEWER_SECRET"]


def test_commands_read_what_the_stack_wrote_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_env_file(tmp_path / "stack.env", {"KHOBOR_API_URL": "http://127.0.0.1:18000", "KHOBOR_PARTITIONS": 4})
    assert str(read_settings(tmp_path).api_url) == "http://127.0.0.1:18000/"
    monkeypatch.setenv("KHOBOR_API_URL", "https://news.example")
    assert str(read_settings(tmp_path).api_url) == "https://news.example/"


def test_supervisor_reads_paths_with_percent_signs_and_spaces(tmp_path: Path) -> None:
    binary = tmp_path / "100% a b" / "valkey-server"
    text = render_supervisor_config(
        programs(binary, tmp_path / "valkey.conf"), logs=tmp_path / "50%", run=tmp_path, socket=tmp_path / "s.sock"
    )
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    assert parser["program:valkey"]["command"].startswith(f"'{binary}'".replace("%", "%%"))
    assert parser["program:api"]["stdout_logfile"] == f"{tmp_path}/50%%/api.log"
    assert int(parser["program:worker"]["stopwaitsecs"]) == 45


def test_valkey_syncs_every_write_and_evicts_nothing(tmp_path: Path) -> None:
    lines = render_valkey_config(port=6390, password="a-password", directory=tmp_path).splitlines()
    assert "appendfsync always" in lines
    assert "maxmemory-policy noeviction" in lines
    assert "bind 127.0.0.1" in lines
