"""`python -m services.cli.stack.compose_secrets FILE`: generates what docker-compose.yml wants in .env."""

import secrets
import sys
from pathlib import Path

from services.cli.stack.env_files import write_env_file


def main() -> int:
    """Write the file once; a file that is there is left alone, since databases know its passwords."""
    file = Path(sys.argv[1])
    if file.exists():
        sys.stderr.write(f"{file} is there already\n")
        return 2
    write_env_file(
        file,
        {
            "REDIS_PASSWORD": secrets.token_urlsafe(24),
            "ELASTIC_PASSWORD": secrets.token_urlsafe(24),
            "KHOBOR_VIEWER_SECRET": secrets.token_urlsafe(32),
            "KHOBOR_FLOWER_PASSWORD": secrets.token_urlsafe(12),
        },
    )
    sys.stdout.write(f"secrets are in {file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
