"""Bodies are read within limits, before anything looks at them."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect
from starlette.types import Message

from shared.http.body import BodyReader
from shared.http.problems import ProblemError

LIMIT = 100


def message(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def in_parts(parts: Sequence[bytes]) -> list[Message]:
    return [message(part, more=position < len(parts) - 1) for position, part in enumerate(parts)]


class Client:
    """Sends its messages, and then nothing more for ever."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._messages = iter(messages)
        self.asked = 0

    async def receive(self) -> Message:
        self.asked += 1
        for sent in self._messages:
            return sent
        await asyncio.sleep(3_600)
        raise AssertionError("a test does not last so long")


def read(client: Client, *headers: tuple[bytes, bytes], timeout: float = 5) -> bytes:
    async def run() -> bytes:
        return await BodyReader(max_bytes=LIMIT, timeout=timedelta(seconds=timeout)).read(dict(headers), client.receive)

    return asyncio.run(run())


def refusal(client: Client, *headers: tuple[bytes, bytes], timeout: float = 5) -> tuple[int, str]:
    with pytest.raises(ProblemError) as caught:
        read(client, *headers, timeout=timeout)
    assert caught.value.headers["Connection"] == "close"
    return caught.value.problem.status, caught.value.problem.type.rpartition(":")[2]


@given(parts=st.lists(st.binary(max_size=60), min_size=1, max_size=6))
def test_any_body_is_read_whole_or_refused(parts: list[bytes]) -> None:
    whole = b"".join(parts)
    if len(whole) <= LIMIT:
        assert read(Client(in_parts(parts))) == whole
    else:
        assert refusal(Client(in_parts(parts))) == (413, "body-too-large")


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    client = Client([])
    assert refusal(client, (b"content-length", b"101")) == (413, "body-too-large")
    assert refusal(client, (b"content-length", b"9" * 5_000)) == (413, "body-too-large")
    assert client.asked == 0


def test_a_body_without_an_end_is_cut_off_at_the_limit() -> None:
    client = Client(message(b"x" * 10, more=True) for _ in range(1_000_000))
    assert refusal(client) == (413, "body-too-large")
    assert client.asked == 11


@pytest.mark.parametrize("value", [b"-1", b"1e3", b"", b"\xff"])
def test_a_length_that_is_no_number(value: bytes) -> None:
    assert refusal(Client([]), (b"content-length", value)) == (400, "content-length")


@pytest.mark.parametrize("value", [b"gzip", b"br", b"deflate, gzip", b"identity, gzip"])
def test_a_compressed_body_is_not_read(value: bytes) -> None:
    client = Client([])
    assert refusal(client, (b"content-encoding", value)) == (415, "content-encoding")
    assert client.asked == 0


@pytest.mark.parametrize("value", [b"identity", b"Identity", b""])
def test_a_plain_body_may_say_so(value: bytes) -> None:
    assert read(Client([message(b"x")]), (b"content-encoding", value)) == b"x"


@pytest.mark.parametrize("messages", [[], [message(b"x", more=True)]])
def test_a_client_that_does_not_go_on_is_cut_off(messages: list[Message]) -> None:
    assert refusal(Client(messages), timeout=0.02) == (408, "body-timeout")


def test_after_a_slow_client_others_are_served() -> None:
    async def run() -> None:
        reader = BodyReader(max_bytes=LIMIT, timeout=timedelta(seconds=0.02))
        for _ in range(3):
            with pytest.raises(ProblemError):
                await reader.read({}, Client([]).receive)
            assert await reader.read({}, Client([message(b"x")]).receive) == b"x"
            await asyncio.sleep(0.03)
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0

    asyncio.run(run())


def test_being_cancelled_by_others_is_not_being_late() -> None:
    async def run() -> None:
        reader = BodyReader(max_bytes=LIMIT, timeout=timedelta(seconds=5))
        reading = asyncio.create_task(reader.read({}, Client([]).receive))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    asyncio.run(run())


def test_a_client_that_left_is_not_answered() -> None:
    with pytest.raises(ClientDisconnect):
        read(Client([message(b"x", more=True), {"type": "http.disconnect"}]))
