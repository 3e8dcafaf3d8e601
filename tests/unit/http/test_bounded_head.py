"""Connections on which a head comes slowly, not at all, or without an end; over real sockets."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import orjson
import pytest
import uvicorn

from services.ingest.one_write import OneWriteProtocol
from shared.http.bounded_head import MAX_HEAD_BYTES, BoundedHeadProtocol

HEAD = b"POST / HTTP/1.1\r\nHost: door.test\r\nContent-Length: 3\r\n\r\n"
SECONDS = 0.3

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def echo(_scope: Any, receive: Any, send: Any) -> None:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(params=[BoundedHeadProtocol, OneWriteProtocol])
def protocol(request: pytest.FixtureRequest) -> Any:
    return request.param


def served(protocol: Any, visit: Callable[[Callable[[], Awaitable[Connection]]], Awaitable[None]]) -> None:
    """Run `visit` against a server that waits 0.3 s for a head; it gets a function that connects."""

    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            config = uvicorn.Config(
                echo,
                http=partial(protocol, head_timeout=timedelta(seconds=SECONDS)),  # type: ignore[arg-type]
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_keep_alive=5,
            )
            server = uvicorn.Server(config)
            # Connections wait in the listener until the server takes them.
            address = listener.getsockname()
            serving = asyncio.create_task(server.serve([listener]))
            writers: list[asyncio.StreamWriter] = []

            async def connect() -> Connection:
                reader, writer = await asyncio.open_connection(*address)
                writers.append(writer)
                return reader, writer

            try:
                async with asyncio.timeout(10):
                    await visit(connect)
            finally:
                for writer in writers:
                    writer.close()
                server.should_exit = True
                await serving

    asyncio.run(run())


async def problem_of(reader: asyncio.StreamReader) -> tuple[bytes, dict[str, Any]]:
    """Status line and problem details of an answer after which the connection is closed."""
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head
    return head.partition(b"\r\n")[0], orjson.loads(body)


def test_who_sends_nothing_is_let_go(protocol: Any) -> None:
    async def visit(connect: Callable[[], Awaitable[Connection]]) -> None:
        reader, _writer = await connect()
        assert await reader.read() == b""

    served(protocol, visit)


def test_who_sends_a_head_in_drops_is_cut_off_although_drops_keep_coming(protocol: Any) -> None:
    async def visit(connect: Callable[[], Awaitable[Connection]]) -> None:
        reader, writer = await connect()
        writer.write(b"POST / HTTP/1.1\r\nHost: ")
        for _ in range(60):
            writer.write(b"x")
            await asyncio.sleep(SECONDS / 10)
            if reader.at_eof() or writer.is_closing():
                # Whoever goes on sending may lose the answer; the connection is over all the same.
                return
        pytest.fail("it could go on for ever")

    served(protocol, visit)


def test_a_head_without_an_end_is_cut_off_at_the_limit(protocol: Any) -> None:
    async def visit(connect: Callable[[], Awaitable[Connection]]) -> None:
        reader, writer = await connect()
        writer.write(HEAD.removesuffix(b"\r\n"))
        sent = 0
        while sent <= MAX_HEAD_BYTES:
            writer.write(b"X-Fill: " + b"x" * 8_000 + b"\r\n")
            sent += 8_010
            await asyncio.sleep(0.001)
        status, problem = await problem_of(reader)
        assert status == b"HTTP/1.1 431 Request Header Fields Too Large"
        assert problem["type"] == "urn:khobor:problem:head-too-large"

    served(protocol, visit)


def test_what_is_not_http_gets_problem_details_too(protocol: Any) -> None:
    async def visit(connect: Callable[[], Awaitable[Connection]]) -> None:
        reader, writer = await connect()
        writer.write(b"\x16\x03\x01 hello\r\n\r\n")
        status, problem = await problem_of(reader)
        assert status == b"HTTP/1.1 400 Bad Request"
        assert problem["type"] == "urn:khobor:problem:not-http"

    served(protocol, visit)


def test_a_request_takes_the_time_it_needs_and_so_does_the_next_one(protocol: Any) -> None:
    async def visit(connect: Callable[[], Awaitable[Connection]]) -> None:
        reader, writer = await connect()
        for _ in range(2):
            writer.write(HEAD[:20])
            await asyncio.sleep(SECONDS / 3)
            writer.write(HEAD[20:])
            for byte in (b"1", b"2", b"3"):
                # The body has a limit of its own, elsewhere.
                await asyncio.sleep(SECONDS * 0.6)
                writer.write(byte)
            answer = await reader.readuntil(b"\r\n\r\n123")
            assert answer.startswith(b"HTTP/1.1 200")
            # Between requests uvicorn's own limit holds.
            await asyncio.sleep(SECONDS * 1.5)

    served(protocol, visit)


def test_empty_lines_between_requests_keep_nothing_open(protocol: Any) -> None:
    async def visit(connect: Callable[[], Awaitable[Connection]]) -> None:
        reader, writer = await connect()
        writer.write(HEAD + b"123")
        await reader.readuntil(b"\r\n\r\n123")
        writer.write(b"\r\n")
        status, _problem = await problem_of(reader)
        assert status == b"HTTP/1.1 408 Request Timeout"

    served(protocol, visit)
