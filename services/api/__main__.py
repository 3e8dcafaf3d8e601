"""`python -m services.api`: serve the readers' door."""

import sys

import uvicorn

from services.api.app import create_app
from services.api.settings import ApiSettings
from services.api.wiring import connect_ports
from shared.http.bounded_head import BoundedHeadProtocol
from shared.journal.layout import refusal_to_start
from shared.logs import configure_logs


def main() -> int:
    """Serve until a signal comes. Returns the exit code."""
    settings = ApiSettings()
    configure_logs(settings, "api")
    refusal = refusal_to_start(settings, client_name="khobor-api")
    if refusal is not None:
        sys.stderr.write(f"khobor api: {refusal}\n")
        return 2
    uvicorn.run(
        create_app(settings, connect_ports(settings)),
        host=settings.api_host,
        port=settings.api_port,
        http=BoundedHeadProtocol,
        # Logs are configured above, and each request is logged once, by our own middleware.
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=round(settings.api_drain.total_seconds()),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
