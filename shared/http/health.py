"""`/livez`, `/readyz` and `/metrics`: is the process there, can it work, what does it count."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry
from prometheus_client.exposition import generate_latest
from pydantic import BaseModel

# Longer than a healthy dependency ever needs, shorter than a probe's usual time-out of 3 s.
CHECK_SECONDS: Final = 2.0

Check = Callable[[], Awaitable[None]]
"""Raises whatever says that the dependency cannot be used."""


class Dependency(BaseModel):
    """`required` False: without it a part of the service is missing, and the rest works."""

    ok: bool
    milliseconds: float
    error: str | None = None
    required: bool = True


class Readiness(BaseModel):
    ready: bool
    dependencies: dict[str, Dependency]


def health_router(
    checks: Mapping[str, Check], registry: CollectorRegistry, *, optional: Mapping[str, Check] | None = None
) -> APIRouter:
    """Routes for probes and scrapes. Each check has two seconds; all run at once.

    `optional` checks are reported and do not make the service unready: taking it out of service would not help.
    """
    optional = optional or {}
    router = APIRouter(tags=["health"])

    @router.get("/livez", summary="Is the process alive?")
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @router.get(
        "/readyz", summary="Can it work? Names each dependency and how it is.", responses={503: {"model": Readiness}}
    )
    async def ready() -> JSONResponse:
        results = await asyncio.gather(
            *(_run(check, required=True) for check in checks.values()),
            *(_run(check, required=False) for check in optional.values()),
        )
        readiness = Readiness(
            ready=all(result.ok for result in results if result.required),
            dependencies=dict(zip((*checks, *optional), results, strict=True)),
        )
        status = HTTPStatus.OK if readiness.ready else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse(readiness.model_dump(), status, {"Cache-Control": "no-store"})

    @router.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router


async def _run(check: Check, *, required: bool) -> Dependency:
    started = time.perf_counter()
    error = None
    try:
        await asyncio.wait_for(check(), CHECK_SECONDS)
    except TimeoutError:
        error = f"no answer within {CHECK_SECONDS:g} s"
    except Exception as cause:  # noqa: BLE001 - a probe reports whatever its dependency raises
        # The class alone: messages of clients may carry addresses with credentials.
        error = type(cause).__name__
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    return Dependency(ok=error is None, milliseconds=milliseconds, error=error, required=required)
