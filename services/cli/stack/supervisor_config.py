"""Renders what supervisor and Valkey are configured with."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final


@dataclass(frozen=True, slots=True)
class Program:
    """One process of the stack. `stop_seconds`: how long a clean stop may take before it is killed."""

    name: str
    command: tuple[str, ...]
    priority: int
    stop_seconds: int = 15


VALKEY: Final = "valkey"
# Valkey first up and last down, so that the others can finish what they do.
SERVICES: Final = (
    Program("ingest", (sys.executable, "-m", "services.ingest"), 20),
    Program("worker", (sys.executable, "-m", "services.indexer", "worker"), 20, stop_seconds=45),
    Program("beat", (sys.executable, "-m", "services.indexer", "beat"), 30),
    Program("api", (sys.executable, "-m", "services.api"), 20),
    Program("flower", (sys.executable, "-m", "services.indexer", "flower"), 40),
)


def programs(valkey_binary: Path, valkey_config: Path) -> tuple[Program, ...]:
    return (Program(VALKEY, (str(valkey_binary), str(valkey_config)), 10), *SERVICES)


def render_supervisor_config(all_programs: Sequence[Program], *, logs: Path, run: Path, socket: Path) -> str:
    """supervisord.conf; secrets travel in the environment, not in it."""
    places = {"logs": _escape(str(logs)), "run": _escape(str(run)), "socket": _escape(str(socket))}
    parts = [_template("supervisord.conf.template").substitute(places)]
    program = _template("program.conf.template")
    parts.extend(
        program.substitute(
            places,
            name=item.name,
            command=_escape(shlex.join(item.command)),
            priority=item.priority,
            stop_seconds=item.stop_seconds,
        )
        for item in all_programs
    )
    return "".join(parts)


def render_valkey_config(*, port: int, password: str, directory: Path) -> str:
    return _template("valkey.conf.template").substitute(port=port, password=password, directory=directory)


def _template(name: str) -> Template:
    return Template((files(__package__) / name).read_text(encoding="utf-8"))


def _escape(value: str) -> str:
    """Supervisor expands %(...)s in every value."""
    return value.replace("%", "%%")
