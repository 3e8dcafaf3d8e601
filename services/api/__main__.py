"""`python -m services.api`: serve the readers' door."""

import uvicorn

from services.api.app import create_app
from services.api.settings import ApiSettings
from services.api.wiring import connect_ports
from shared.logs import configure_logs


def main() -> None:
    settings = ApiSettings()
    configure_logs(settings, "api")
    uvicorn.run(
        create_app(settings, connect_ports(settings)),
        host=settings.api_host,
        port=settings.api_port,
        # Logs are configured above, and each request is logged once, by our own middleware.
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=round(settings.api_drain.total_seconds()),
    )


if __name__ == "__main__":
    main()
