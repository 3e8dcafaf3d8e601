"""The two doors, as the command line uses them."""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Self

from services.cli.errors import CommandError
from services.cli.settings import CliSettings

if TYPE_CHECKING:
    import httpx

_TIMEOUT_SECONDS: Final = 30.0
_CONNECT_SECONDS: Final = 5.0
# An answer that got lost is asked for again with the same event ids, which the door absorbs.
_ATTEMPTS: Final = 8
_LONGEST_PAUSE: Final = 30.0


class DoorClient:
    """One HTTP service; errors become CommandErrors that people can act on."""

    def __init__(self, name: str, base_url: str, *, api_key: str | None = None) -> None:
        import httpx

        self._name = name
        self._base_url = base_url.rstrip("/")
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        timeout = httpx.Timeout(_TIMEOUT_SECONDS, connect=_CONNECT_SECONDS)
        self._client = httpx.Client(base_url=self._base_url, headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def get(self, path: str, **parameters: object) -> Any:
        """The JSON answer of a GET; parameters that are None are left out."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return self._answer(self._send("GET", path, params=given))

    def send(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        content_type: str | None = None,
        params: Mapping[str, str] | None = None,
        on_wait: Callable[[float], None] = lambda _seconds: None,
    ) -> Any:
        """The JSON answer of a call that may be repeated; waits while the door says 503 or does not answer."""
        import httpx

        headers = {"Content-Type": content_type} if content_type else {}
        for attempt in range(_ATTEMPTS):
            last = attempt == _ATTEMPTS - 1
            try:
                response = self._client.request(method, path, content=content, headers=headers, params=params)
            except httpx.TransportError as error:
                if last:
                    raise self._unreachable(error) from error
                pause = min(0.5 * 2**attempt, _LONGEST_PAUSE)
            else:
                if response.status_code not in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS} or last:
                    return self._answer(response)
                pause = _retry_after(response, otherwise=min(0.5 * 2**attempt, _LONGEST_PAUSE))
            on_wait(pause)
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _send(self, method: str, path: str, **options: Any) -> "httpx.Response":
        import httpx

        try:
            return self._client.request(method, path, **options)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: "httpx.TransportError") -> CommandError:
        return CommandError(
            f"{self._name} at {self._base_url} does not answer ({type(error).__name__}). "
            "Is the stack up? `khobor up` starts it, `khobor status` shows it.",
            exit_code=1,
        )

    def _answer(self, response: "httpx.Response") -> Any:
        if response.is_success:
            return response.json()
        raise CommandError(_describe(response), exit_code=1 if response.is_server_error else 2)


def publishers_door(settings: CliSettings) -> DoorClient:
    key = settings.api_key.get_secret_value() if settings.api_key else None
    return DoorClient("the publishers' door", str(settings.ingest_url), api_key=key)


def readers_door(settings: CliSettings) -> DoorClient:
    return DoorClient("the readers' door", str(settings.api_url))


def _retry_after(response: "httpx.Response", *, otherwise: float) -> float:
    value = response.headers.get("Retry-After", "")
    return min(float(value), _LONGEST_PAUSE) if value.isdecimal() else otherwise


def _describe(response: "httpx.Response") -> str:
    """A problem document in a few lines: what, then where."""
    try:
        problem = response.json()
    except ValueError:
        return f"{response.status_code} {response.reason_phrase}"
    lines = [f"{response.status_code} {problem.get('title', '')}: {problem.get('detail', '')}"]
    lines.extend(
        f"  {'.'.join(str(part) for part in fault.get('loc', []))}: {fault.get('msg')}"
        for fault in problem.get("errors", [])[:20]
    )
    return "\n".join(lines)
