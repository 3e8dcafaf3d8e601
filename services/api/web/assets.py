"""Styles, scripts and pictures of the pages: read once, served from memory, named after their content."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files
from typing import Final

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

_MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media_type: str
    digest: str


class Assets:
    def __init__(self) -> None:
        folder = files("services.api.web").joinpath("static")
        self._assets: dict[str, Asset] = {}
        for file in folder.iterdir():
            media_type = next((kind for suffix, kind in _MEDIA_TYPES.items() if file.name.endswith(suffix)), None)
            if media_type is not None:
                content = file.read_bytes()
                self._assets[file.name] = Asset(content, media_type, blake2b(content, digest_size=6).hexdigest())

    def address(self, name: str) -> str:
        """Changes with the content, so that browsers may keep what it names for good."""
        return f"/static/{self._assets[name].digest}/{name}"

    def routes(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)

        @router.get("/static/{digest}/{name}")
        async def asset(digest: str, name: str) -> Response:
            found = self._assets.get(name)
            if found is None:
                raise HTTPException(404)
            # During a deployment the page may come from one version and this answer from another.
            keep = "public, max-age=31536000, immutable" if digest == found.digest else "no-cache"
            return Response(found.content, media_type=found.media_type, headers={"Cache-Control": keep})

        return router
