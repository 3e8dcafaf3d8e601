"""The command line without a stack: what it says, and how it ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMMANDS = (
    *("up", "down", "status", "logs", "demo", "publish-page", "import", "search", "trending", "trace"),
    *("hide", "unhide", "hidden", "analyze", "settings", "dead-letters", "keys", "index"),
)


def khobor(home: Path, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KHOBOR_")}
    # Ports that nothing listens on.
    urls = {"KHOBOR_INGEST_URL": "http://127.0.0.1:9", "KHOBOR_API_URL": "http://127.0.0.1:9"}
    redis = {"KHOBOR_REDIS_URL": "redis://:a-secret-word@127.0.0.1:9/0"}
    return subprocess.run(
        [sys.executable, "-m", "services.cli.main", "--home", str(home), *arguments],
        env={**environment, **urls, **redis, "COLUMNS": "200", "KHOBOR_REDIS_TIMEOUT": "1"},
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_names_every_command(tmp_path: Path) -> None:
    answer = khobor(tmp_path, "--help")
    assert answer.returncode == 0
    assert [command for command in COMMANDS if command not in answer.stdout] == []


@pytest.mark.parametrize("command", ["search নদী", "trending"])
def test_a_door_that_is_away_is_named_with_what_to_do(tmp_path: Path, command: str) -> None:
    answer = khobor(tmp_path, *command.split())
    assert answer.returncode == 1
    assert "does not answer" in answer.stderr
    assert "khobor up" in answer.stderr


@pytest.mark.parametrize("command", ["dead-letters list", "keys list", "trace an-article", "hidden"])
def test_a_redis_that_is_away_is_said_without_its_password(tmp_path: Path, command: str) -> None:
    answer = khobor(tmp_path, *command.split())
    assert answer.returncode == 1
    assert "Redis does not answer" in answer.stderr
    assert "a-secret-word" not in answer.stdout + answer.stderr


def test_a_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    answer = khobor(tmp_path, "publish-page", "no such page.txt")
    assert answer.returncode == 2
    assert "no such page.txt" in answer.stderr


def test_a_page_of_fifty_megabytes_is_refused_unread(tmp_path: Path) -> None:
    page = tmp_path / "large.txt"
    with page.open("wb") as file:
        file.truncate(50_000_000)
    answer = khobor(tmp_path, "publish-page", str(page))
    assert answer.returncode == 2
    assert "50,000,000 bytes" in answer.stderr


def test_faulty_lines_of_an_import_are_named_and_nothing_is_sent(tmp_path: Path) -> None:
    naive = '{"id": "a", "version": 1, "title": "ক", "body": "খ", "published_at": "2026-11-24T09:00:00"}'
    answer = khobor(tmp_path, "import", "-", stdin=f"no json\n\n{naive}\n[]\n")
    assert answer.returncode == 2
    assert "line 1: not JSON" in answer.stdout
    assert "line 3: published_at" in answer.stdout
    assert "line 4" in answer.stdout
    assert "0 articles accepted, 3 lines left out" in answer.stdout


def test_dead_letters_wants_to_know_which(tmp_path: Path) -> None:
    answer = khobor(tmp_path, "dead-letters", "drop")
    assert answer.returncode == 2
    assert "--all" in answer.stderr


def test_analyze_shows_stems_and_places(tmp_path: Path) -> None:
    answer = khobor(tmp_path, "analyze", "ঢাকায় বৃষ্টি")
    assert answer.returncode == 0
    assert "ঢাকা" in answer.stdout
    assert f"0-{len('ঢাকায়')}" in answer.stdout


def test_status_of_a_stack_that_does_not_run(tmp_path: Path) -> None:
    answer = khobor(tmp_path, "status")
    assert answer.returncode == 1
    assert "khobor up" in answer.stderr


def test_down_of_a_stack_that_does_not_run_is_no_error(tmp_path: Path) -> None:
    answer = khobor(tmp_path, "down")
    assert answer.returncode == 0
    assert "nothing was running" in answer.stdout
