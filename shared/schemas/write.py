"""Writes the schemas anew: `python -m shared.schemas.write`; with `--release` also what publishers are promised."""

import sys
from pathlib import Path

import orjson

from shared.schemas.compatibility import breaking_changes
from shared.schemas.generate import EVENT_MODELS, encode_schema, released_schema, schema_of

FOLDER = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """Returns the exit code; a release that would break a promise is refused with 1."""
    folders = [FOLDER]
    if "--release" in arguments:
        broken = _broken_promises()
        if broken:
            sys.stderr.write("not released: make a .v2 beside the .v1 instead\n")
            sys.stderr.writelines(f"  {line}\n" for line in broken)
            return 1
        folders.append(FOLDER / "released")
    for event_type in EVENT_MODELS:
        for folder in folders:
            (folder / f"{event_type}.schema.json").write_bytes(encode_schema(schema_of(event_type)))
    return 0


def _broken_promises() -> list[str]:
    return [
        f"{event_type} {change}"
        for event_type in EVENT_MODELS
        if (FOLDER / "released" / f"{event_type}.schema.json").exists()
        for change in breaking_changes(orjson.loads(released_schema(event_type)), schema_of(event_type))
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
