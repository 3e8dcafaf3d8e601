"""Group commit: what is answered with success is in the journal exactly once, whatever fails in between."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from services.ingest.commit_batches import CommitFailedError, CommitQueueFullError
from services.ingest.group_commit import (
    MAX_APPEND_BYTES,
    MAX_APPEND_ITEMS,
    MAX_ROUND_ITEMS,
    CommitPolicy,
    GroupCommit,
    StreamItem,
)
from services.ingest.metrics import IngestMetrics
from shared.journal.memory import InMemoryJournal
from shared.journal.model import AppendItem, AppendResult, StreamId
from shared.keys import StreamKind
from tests.support.unreliable_journal import Fate, UnreliableJournal

PARTITIONS = 3
QUICK = CommitPolicy(wait=timedelta(0), pause=timedelta(milliseconds=1), budget=timedelta(milliseconds=500), attempts=3)


def group_commit(appender: UnreliableJournal, policy: CommitPolicy = QUICK) -> GroupCommit:
    ids = count()
    return GroupCommit(
        appender,
        policy,
        IngestMetrics(CollectorRegistry()),
        partitions=PARTITIONS,
        new_batch_id=lambda: f"batch-{next(ids)}",
    )


def unreliable(*fates: Fate) -> UnreliableJournal:
    return UnreliableJournal(InMemoryJournal(partitions=PARTITIONS), fates)


def article(name: str, body: bytes | None = None, event_hash: int | None = None) -> StreamItem:
    return StreamKind.ARTICLES, AppendItem(name, body or name.encode(), event_hash, name, 1)


def view(name: str, event_hash: int | None = None) -> StreamItem:
    return StreamKind.VIEWS, AppendItem(name, b'"%s"' % name.encode(), event_hash)


def in_journal(journal: InMemoryJournal) -> Counter[str]:
    """The bodies of all events, and how often each lies there."""
    bodies: list[str] = []
    for kind in StreamKind:
        for partition in range(PARTITIONS):
            for entry in journal.read(StreamId(kind, partition), 1_000_000):
                text = entry.body.decode()
                bodies += text.strip("[]").replace('"', "").split(",") if kind is StreamKind.VIEWS else [text]
    return Counter(bodies)


async def submit_all(
    commit: GroupCommit, requests: Iterable[Sequence[StreamItem]]
) -> list[AppendResult | BaseException]:
    answers = await asyncio.gather(*(commit.submit(items) for items in requests), return_exceptions=True)
    await commit.close()
    return answers


names = (f"a{number}" for number in count())
requests_strategy = st.lists(
    st.lists(st.sampled_from(list(StreamKind)), min_size=1, max_size=6), min_size=1, max_size=12
)


@settings(max_examples=150, deadline=None)
@given(requests=requests_strategy, fates=st.lists(st.sampled_from([fate for fate in Fate if fate is not Fate.HANGS])))
def test_what_is_accepted_is_there_once_and_nothing_is_there_twice(
    requests: list[list[StreamKind]], fates: list[Fate]
) -> None:
    named = [
        [article(next(names)) if kind is StreamKind.ARTICLES else view(next(names)) for kind in kinds]
        for kinds in requests
    ]
    appender = unreliable(*fates)
    answers = asyncio.run(submit_all(group_commit(appender), named))

    found = in_journal(appender.journal)
    assert set(found.values()) <= {1}
    for items, answer in zip(named, answers, strict=True):
        if isinstance(answer, AppendResult):
            assert answer == AppendResult(len(items), 0)
            assert {item.article_id for _, item in items} <= set(found)
        else:
            assert isinstance(answer, CommitFailedError)


@settings(max_examples=50, deadline=None)
@given(
    requests=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=5), min_size=1, max_size=10),
    fates=st.lists(st.sampled_from([Fate.WELL, Fate.REPLY_LOST]), max_size=2),
)
def test_each_request_is_told_of_its_own_duplicates(requests: list[list[int]], fates: list[Fate]) -> None:
    appender = unreliable(*fates)
    named = [[article(f"a{number}", event_hash=number) for number in numbers] for numbers in requests]
    answers = asyncio.run(submit_all(group_commit(appender), named))

    results = [answer for answer in answers if isinstance(answer, AppendResult)]
    assert len(results) == len(requests)
    assert sum(result.accepted for result in results) == len({number for numbers in requests for number in numbers})
    for numbers, result in zip(requests, results, strict=True):
        assert result.accepted + result.duplicates == len(numbers)
        assert result.duplicates >= len(numbers) - len(set(numbers))


def test_requests_that_come_together_share_a_round_trip() -> None:
    appender = unreliable()
    asyncio.run(submit_all(group_commit(appender), [[article(f"a{number}")] for number in range(100)]))
    assert len(appender.calls) == 1
    assert len({batch.stream for batch in appender.calls[0]}) == PARTITIONS
    assert sum(len(batch.items) for batch in appender.calls[0]) == 100


def test_what_comes_during_a_round_trip_goes_with_the_next() -> None:
    appender = unreliable()

    async def run() -> None:
        commit = group_commit(appender)
        first = asyncio.create_task(commit.submit([article("a")]))
        await appender.called.wait()
        await asyncio.gather(*(commit.submit([article("a")]) for _ in range(10)), first)

    asyncio.run(run())
    assert [sum(len(batch.items) for batch in call) for call in appender.calls] == [1, 10]


def test_a_repetition_has_the_same_id_and_the_same_items() -> None:
    appender = unreliable(Fate.REPLY_LOST, Fate.REFUSED)
    asyncio.run(submit_all(group_commit(appender), [[article("a")]]))
    assert len(appender.calls) == 3
    assert appender.calls[0] == appender.calls[1] == appender.calls[2]
    assert in_journal(appender.journal) == {"a": 1}


def test_one_streams_trouble_does_not_hold_others_up() -> None:
    slow_repetition = CommitPolicy(wait=timedelta(0), pause=timedelta(seconds=30), budget=timedelta(seconds=60))
    appender = unreliable(Fate.SOME_REFUSED)
    one, other = "a", "b"

    async def run() -> None:
        commit = group_commit(appender, slow_repetition)
        waiting = asyncio.create_task(commit.submit([article(one), article(other)]))
        await appender.called.wait()
        async with asyncio.timeout(5):
            served = appender.calls[0][0].items[0].article_id
            assert await commit.submit([article(served)]) == AppendResult(1, 0)
        assert not waiting.done()
        waiting.cancel()

    asyncio.run(run())


def test_it_gives_up_after_its_attempts_and_those_behind_do_not_wait_their_own() -> None:
    appender = unreliable(*[Fate.REFUSED] * QUICK.attempts)
    many = [[article("a")] for _ in range(MAX_APPEND_ITEMS + 100)]
    answers = asyncio.run(submit_all(group_commit(appender), many))
    assert all(isinstance(answer, CommitFailedError) for answer in answers)
    assert len(appender.calls) == QUICK.attempts
    assert in_journal(appender.journal) == {}


def test_a_journal_that_hangs_is_given_up_after_the_budget() -> None:
    appender = unreliable(Fate.HANGS)
    policy = CommitPolicy(wait=timedelta(0), budget=timedelta(milliseconds=20))
    [answer] = asyncio.run(submit_all(group_commit(appender, policy), [[article("a")]]))
    assert isinstance(answer, CommitFailedError)


def test_after_an_outage_it_goes_on() -> None:
    appender = unreliable(*[Fate.REFUSED] * QUICK.attempts)

    async def run() -> AppendResult:
        commit = group_commit(appender)
        with pytest.raises(CommitFailedError):
            await commit.submit([article("a")])
        return await commit.submit([article("a")])

    assert asyncio.run(run()) == AppendResult(1, 0)
    assert in_journal(appender.journal) == {"a": 1}


def test_an_error_that_nobody_foresaw_leaves_nobody_waiting() -> None:
    class Broken(UnreliableJournal):
        async def append_many(self, batches: Sequence[object]) -> list[object]:  # type: ignore[override]
            raise ZeroDivisionError(len(batches))

    async def run() -> None:
        commit = group_commit(Broken(InMemoryJournal(partitions=PARTITIONS)))
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        async with asyncio.timeout(5):
            with pytest.raises(CommitFailedError):
                await commit.submit([article("a")])

    asyncio.run(run())


class TestSizes:
    def test_an_append_has_a_largest_number_of_items_and_a_round_as_well(self) -> None:
        appender = unreliable()
        views = [view(f"a{number}") for number in range(MAX_ROUND_ITEMS * 3)]
        asyncio.run(submit_all(group_commit(appender), [views]))
        assert max(len(batch.items) for call in appender.calls for batch in call) == MAX_APPEND_ITEMS
        assert max(sum(len(batch.items) for batch in call) for call in appender.calls) <= MAX_ROUND_ITEMS
        assert sum(in_journal(appender.journal).values()) == len(views)

    def test_an_append_has_a_largest_number_of_bytes(self) -> None:
        appender = unreliable()
        body = b"x" * (MAX_APPEND_BYTES // 3)
        asyncio.run(submit_all(group_commit(appender), [[article("a", body)] * 5 + [article("a", body * 4)]]))
        assert [len(batch.items) for call in appender.calls for batch in call] == [3, 2, 1]

    def test_order_within_a_stream_stays_across_appends(self) -> None:
        appender = unreliable(Fate.REPLY_LOST)
        bodies = [str(number).encode() for number in range(MAX_APPEND_ITEMS * 2 + 7)]
        asyncio.run(submit_all(group_commit(appender), [[article("a", body)] for body in bodies]))
        stream = appender.calls[0][0].stream
        assert [entry.body for entry in appender.journal.read(stream, 10_000)] == bodies

    @pytest.mark.parametrize("policy", [{"max_queued_items": 10}, {"max_queued_bytes": 10}])
    def test_the_queue_is_bounded(self, policy: dict[str, int]) -> None:
        appender = unreliable()
        limited = CommitPolicy(wait=timedelta(0), **policy)  # type: ignore[arg-type]
        commit = group_commit(appender, limited)
        answers = asyncio.run(submit_all(commit, [[article("a")] for _ in range(25)]))
        assert sum(isinstance(answer, CommitQueueFullError) for answer in answers) == 15
        assert sum(in_journal(appender.journal).values()) == 10

    def test_a_request_larger_than_the_queue_is_let_in_alone(self) -> None:
        appender = unreliable()
        commit = group_commit(appender, CommitPolicy(wait=timedelta(0), max_queued_items=2))
        [answer] = asyncio.run(submit_all(commit, [[article(f"a{number}") for number in range(5)]]))
        assert answer == AppendResult(5, 0)


def test_closing_commits_what_still_gathers() -> None:
    appender = unreliable()

    async def run() -> AppendResult:
        commit = group_commit(appender, CommitPolicy(wait=timedelta(hours=1)))
        waiting = asyncio.create_task(commit.submit([article("a")]))
        await asyncio.sleep(0)
        await commit.close()
        return await waiting

    assert asyncio.run(run()) == AppendResult(1, 0)


def test_a_client_that_left_loses_nothing() -> None:
    appender = unreliable(Fate.REFUSED)

    async def run() -> None:
        commit = group_commit(appender)
        leaving = asyncio.create_task(commit.submit([article("a")]))
        await asyncio.sleep(0)
        leaving.cancel()
        await commit.close()

    asyncio.run(run())
    assert in_journal(appender.journal) == {"a": 1}


def test_nothing_is_quickly_done() -> None:
    assert asyncio.run(submit_all(group_commit(unreliable()), [[]])) == [AppendResult(0, 0)]
