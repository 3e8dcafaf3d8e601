"""`python -m shared.http.probe URL`: exit code 0 when the URL answers 200. For container health checks."""

import sys
import urllib.error
import urllib.request
from http import HTTPStatus
from typing import Final

_SECONDS: Final = 4.0


def main() -> int:
    url = sys.argv[1]
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310 - the URL is the container's own
            return 0 if answer.status == HTTPStatus.OK else 1
    except (urllib.error.URLError, TimeoutError) as error:
        sys.stderr.write(f"{url}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
