"""What loads and times the doors: every request is another one, and every answer is read whole."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.figures import Goal, median_ratio, percentile, write_section
from bench.http_exchange import HttpExchange, get
from bench.http_load import post, run_load


@contextmanager
def a_server(*answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Answers each request with these bytes, sent one after the other; its port, and what it was sent."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                while data := connection.recv(65_536):
                    received.append(data)
                    for part in answer:
                        connection.sendall(part)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], received
        thread.join()


def test_each_request_carries_its_number() -> None:
    with a_server(b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n{", b"}") as (port, received):
        make_request = post("/v1/views", {"X": "50%"}, '{"id":"%012d"}')
        result = run_load(port, make_request, connections=1, seconds=0.05, warm_up=0, first=7)

    assert (
        received[0]
        == b'POST /v1/views HTTP/1.1\r\nHost: localhost\r\nX: 50%\r\nContent-Length: 21\r\n\r\n{"id":"000000000007"}'
    )
    assert received[1].endswith(b'{"id":"000000000008"}')
    assert result.sent == len(received)


def test_a_refusal_ends_the_load() -> None:
    with (
        a_server(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n") as (port, _),
        pytest.raises(RuntimeError, match="503"),
    ):
        run_load(port, post("/", {}, ""), connections=1, seconds=5, warm_up=0)


@pytest.mark.parametrize(
    "answer",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nab", b"cdef"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", b"4\r\ncd", b"ef\r\n0\r\n", b"\r\n"),
    ],
)
def test_an_answer_is_read_whole(answer: tuple[bytes, ...]) -> None:
    with a_server(*answer) as (port, _), HttpExchange(port) as exchange:
        assert exchange(get("/")) == b"abcdef"
        assert exchange(get("/")) == b"abcdef"


def test_ratios_are_taken_round_by_round() -> None:
    # The machine was half as fast in the second round, for both.
    assert median_ratio([10, 5, 10], [5, 2.5, 5]) == 2
    assert percentile(list(range(1, 101)), 0.99) == 100


def test_a_goal_may_be_a_limit() -> None:
    assert Goal("p99", 40, 50, "ms", at_least=False).is_reached
    assert not Goal("times the usual stack", 11.9, 12).is_reached


def test_a_section_replaces_the_one_before_it_and_leaves_the_others(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n<!-- a -->\nold\n<!-- end of a -->\n<!-- b -->\nkept\n<!-- end of b -->\n")

    write_section("a", "new", page)

    assert page.read_text() == "# A\n<!-- a -->\nnew\n<!-- end of a -->\n<!-- b -->\nkept\n<!-- end of b -->\n"
    with pytest.raises(ValueError, match="no place for c"):
        write_section("c", "", page)
