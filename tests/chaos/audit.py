"""Compares what is there at the end with what publishers were told."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import httpx
import redis

from shared.journal.memory import SilentDoorbell
from shared.journal.model import DeadLetter
from shared.journal.ports import JournalUnavailableError
from shared.journal.redis_dead_letters import RedisDeadLetterOffice
from shared.journal.redis_drain import RedisJournalDrain
from shared.keys import PartitionKeys, StreamKind
from shared.search.model import Lookup, LookupResult
from shared.search.versions import rank_of
from shared.views.redis_reader import RedisViewReader
from tests.chaos.publishers import EDITED_ARTICLES, READ_ARTICLES
from tests.chaos.stack import PARTITIONS, ChaosStack
from tests.chaos.truth import DOOMED, Truth

# What an empty stream with its group takes; one that forgot to delete entries takes far more.
_EMPTY_STREAM_BYTES: Final = 20_000
# Everything else that may be in the journal's Redis when it is quiet: counts, lists, notes of events that expire.
_LASTING: Final = frozenset(
    [
        *("categories", "day", "day-totals", "dead", "hidden", "seen", "stream"),
        *("totals", "trail", "unfiled", "versions", "viewers", "views", "z"),
    ]
)
_PASSING: Final = frozenset({b"batch", b"doorbell", b"lease"})


@dataclass(frozen=True)
class Findings:
    """`differences` is empty when all is well; `lost` and `double` count events."""

    differences: list[str]
    lost: int
    double: int
    dead_letters: int


def audit(stack: ChaosStack, truth: Truth) -> Findings:
    """Look at everything, once the stack is quiet."""
    with stack.valkey.client() as client:
        views, lost_views, double_views = _views(client, truth)
        articles, lost_articles = _articles(stack, truth)
        letters = RedisDeadLetterOffice(client, SilentDoorbell(), partitions=PARTITIONS).list(limit=100_000)
        differences = [
            *truth.surprises,
            *views,
            *articles,
            *_dead_letters(letters, truth),
            *_leftovers(client),
            *_trails(stack, truth),
        ]
    return Findings(differences, lost_views + lost_articles, double_views, len(letters))


def is_quiet(stack: ChaosStack, truth: Truth) -> bool:
    """Everything is up, nothing waits any more, and what is to end in the dead letters has."""
    if not all(process.is_at_work for process in stack.processes):
        return False
    with stack.valkey.client() as client:
        try:
            backlogs = RedisJournalDrain(client, partitions=PARTITIONS).backlogs()
            dead = RedisDeadLetterOffice(client, SilentDoorbell(), partitions=PARTITIONS).count()
        except JournalUnavailableError:
            return False
    return dead >= len(truth.doomed) and not any(backlog.entries or backlog.leased for backlog in backlogs)


def _views(client: redis.Redis, truth: Truth) -> tuple[list[str], int, int]:
    found = RedisViewReader(client, partitions=PARTITIONS).counts(READ_ARTICLES)
    differences, lost, double = [], 0, 0
    for article_id in READ_ARTICLES:
        counts = found[article_id]
        for name, expected, actual in (
            ("counted", truth.counted[article_id], counts.counted),
            ("raw", truth.raw[article_id], counts.raw),
        ):
            if actual != expected:
                differences.append(f"{article_id}: {actual} {name} views instead of {expected}")
        lost += max(truth.raw[article_id] - counts.raw, 0)
        double += max(counts.raw - truth.raw[article_id], 0)
    return differences, lost, double


def _articles(stack: ChaosStack, truth: Truth) -> tuple[list[str], int]:
    with stack.reader() as reader:
        found = reader.get_many(sorted(truth.newest))
    differences = [
        f"{article_id}: the index has {_words(found[article_id])}, accepted was rank {rank}"
        for article_id, rank in truth.newest.items()
        if not _is_as_accepted(found[article_id], rank)
    ]
    return differences, len(differences)


def _is_as_accepted(found: LookupResult, rank: int) -> bool:
    version, is_retracted = divmod(rank, 2)
    if is_retracted:
        return found.state is Lookup.RETRACTED
    return found.stored is not None and rank_of(found.stored.article.version, retracted=False) == 2 * version


def _words(found: LookupResult) -> str:
    return f"version {found.stored.article.version}" if found.stored else str(found.state)


def _dead_letters(letters: list[DeadLetter], truth: Truth) -> Iterator[str]:
    names: Counter[str] = Counter()
    for letter in letters:
        if match := DOOMED.search(letter.body):
            names[match.group().decode()] += 1
        else:
            yield f"dead letter {letter.id} is none of those expected: {letter.reason}: {letter.body[:300]!r}"
    for name in sorted(truth.doomed | names.keys()):
        if names[name] != (name in truth.doomed):
            yield f"{name} is {names[name]} times in the dead letters"


def _leftovers(client: redis.Redis) -> Iterator[str]:
    for partition in range(PARTITIONS):
        for kind in StreamKind:
            key = PartitionKeys(partition).stream(kind)
            size = client.memory_usage(key, samples=0) or 0
            if client.xlen(key) or size > _EMPTY_STREAM_BYTES:
                yield f"{key} has {client.xlen(key)} entries and takes {size:,} bytes"
    for key in client.scan_iter(match="{kh:*"):
        kind = key.partition(b"}:")[2].partition(b":")[0]
        if kind.decode() not in _LASTING and kind not in _PASSING:
            yield f"nobody knows what {key!r} is for"
        # Longer when the server's clock was put back; only a key without an end stays for ever.
        if kind in _PASSING and client.ttl(key) == -1:
            yield f"{key!r} stays for ever"


def _trails(stack: ChaosStack, truth: Truth) -> Iterator[str]:
    """Every article says how it fares, and none is said to be on its way still."""
    with httpx.Client(base_url=stack.door_urls[0], headers=stack.headers, timeout=10) as client:
        for article_id in sorted({*EDITED_ARTICLES, *READ_ARTICLES} & truth.newest.keys()):
            answer = client.get(f"/v1/articles/{article_id}/status")
            if answer.status_code != 200 or answer.json()["state"] == "received":
                yield f"the trail of {article_id} says {answer.status_code} {answer.text[:300]}"


def wait_until_quiet(
    stack: ChaosStack, truth: Truth, *, seconds: float, meanwhile: Callable[[], object] = lambda: None
) -> bool:
    """False when something still waits after so many seconds. `meanwhile` is called again and again."""
    deadline = time.monotonic() + seconds
    while not is_quiet(stack, truth):
        if time.monotonic() > deadline:
            return False
        meanwhile()
        time.sleep(0.1)
    return True
