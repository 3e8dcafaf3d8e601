"""Runs the publishers' door: `python -m services.ingest`."""

import gc
import signal
import sys

import uvicorn
from pydantic import ValidationError

from services.ingest.app import create_app
from services.ingest.one_write import OneWriteProtocol
from services.ingest.settings import IngestSettings
from shared.journal.layout import refusal_to_start
from shared.logs import configure_logs


def main() -> int:
    """Serve until SIGTERM or SIGINT, then finish what is under way. Returns the exit code."""
    try:
        # What is required comes from the environment.
        settings = IngestSettings()
    except ValidationError as error:
        sys.stderr.write(f"khobor ingest: the settings are not right\n{error}\n")
        return 2
    configure_logs(settings, "ingest")
    refusal = refusal_to_start(settings, client_name="khobor-ingest")
    if refusal is not None:
        sys.stderr.write(f"khobor ingest: {refusal}\n")
        return 2
    app = create_app(settings)
    # What start-up made stays; looking through it again and again would take a tenth of the time of requests.
    gc.collect()
    gc.freeze()
    # Requests leave hardly any cycles behind; looking for some after every 700 objects took 8 % of a view's time.
    gc.set_threshold(50_000, 20, 50)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.ingest_host,
            port=settings.ingest_port,
            loop="uvloop",
            http=OneWriteProtocol,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            # X-Forwarded-For is read by `client_address`, which knows how many proxies are ours.
            proxy_headers=False,
            timeout_graceful_shutdown=int(settings.ingest_shutdown_timeout.total_seconds()),
        )
    )
    # uvicorn raises the signal once more when it is done; a clean stop shall look like one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.run()
    return 0 if server.started else 1
