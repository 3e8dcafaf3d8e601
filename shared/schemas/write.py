"""Writes the schemas anew: `python -m shared.schemas.write`; with `--release` also what publishers are promised."""

import sys
from pathlib import Path

from shared.schemas.generate import EVENT_MODELS, encode_schema, schema_of


def main(arguments: list[str]) -> int:
    folder = Path(__file__).parent
    folders = [folder, folder / "released"] if "--release" in arguments else [folder]
    for event_type in EVENT_MODELS:
        for target in folders:
            (target / f"{event_type}.schema.json").write_bytes(encode_schema(schema_of(event_type)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
