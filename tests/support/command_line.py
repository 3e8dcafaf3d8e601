"""The `khobor` command in this process: quick, and with its constants in reach of a test."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from structlog.testing import capture_logs
from typer.testing import CliRunner

from services.cli.errors import CommandError
from services.cli.main import build_app


@dataclass(frozen=True)
class Answer:
    exit_code: int
    stdout: str
    error: str = ""

    @property
    def json(self) -> Any:
        return orjson.loads(self.stdout)

    @property
    def json_lines(self) -> list[Any]:
        return [orjson.loads(line) for line in self.stdout.splitlines()]


@dataclass(frozen=True)
class CommandLine:
    """`settings` are KHOBOR_ variables without their prefix, in small letters."""

    settings: Mapping[str, str]

    def run(self, *arguments: str) -> Answer:
        environment = {f"KHOBOR_{name.upper()}": value for name, value in self.settings.items()}
        # Logs go to standard error when the program is started as one; here they would be printed.
        with capture_logs():
            result = CliRunner().invoke(build_app(), arguments, env={**environment, "COLUMNS": "200"})
        match result.exception:
            case None | SystemExit():
                return Answer(result.exit_code, result.stdout, result.stderr)
            case CommandError() as error:
                return Answer(error.exit_code, result.stdout, str(error))
            case error:
                raise error
