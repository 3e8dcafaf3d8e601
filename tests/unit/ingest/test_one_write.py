"""What is written in one step of the event loop goes out together, and nothing is lost or turned round."""

import asyncio
from typing import cast

import pytest

from services.ingest.one_write import GatheringTransport


class Transport:
    """Notes what happens to it."""

    def __init__(self) -> None:
        self.happened: list[bytes | str] = []

    def write(self, data: bytes) -> None:
        self.happened.append(data)

    def close(self) -> None:
        self.happened.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.happened


@pytest.fixture
def transport() -> Transport:
    return Transport()


def gathering(transport: Transport) -> GatheringTransport:
    return GatheringTransport(cast("asyncio.Transport", transport), asyncio.get_running_loop())


def test_one_step_is_one_write(transport: Transport) -> None:
    async def run() -> None:
        gatherer = gathering(transport)
        for part in (b"head", b"", b"body"):
            gatherer.write(part)
        assert transport.happened == []
        await asyncio.sleep(0)
        gatherer.write(b"next")
        await asyncio.sleep(0)

    asyncio.run(run())
    assert transport.happened == [b"headbody", b"next"]


def test_what_was_written_goes_out_before_the_end(transport: Transport) -> None:
    async def run() -> None:
        gatherer = gathering(transport)
        gatherer.write(b"head")
        gatherer.close()
        assert gatherer.is_closing()
        await asyncio.sleep(0)

    asyncio.run(run())
    assert transport.happened == [b"head", "closed"]
