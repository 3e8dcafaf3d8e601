"""What every journal does: `shared.journal.ports`."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.events import Priority
from shared.journal.limits import ENOUGH_READ_BYTES
from shared.journal.model import AppendItem, AppendResult, Outcome, StreamId, TrailMark, TrailStage
from shared.keys import StreamKind
from shared.views.model import RecordedView, decode_views, encode_view
from tests.support.journals import PARTITIONS, Journal, article_item, articles_stream, settled

ARTICLES = StreamId(StreamKind.ARTICLES, 1)
BACKFILL = StreamId(StreamKind.BACKFILL, 1)
VIEWS = StreamId(StreamKind.VIEWS, 1)


def view_item(viewer: int, *, event_hash: int | None = None) -> AppendItem:
    return AppendItem("dhaka-metro", encode_view(RecordedView("dhaka-metro", viewer, 0, True)), event_hash)


def letters_of(journal: Journal, *reasons: str) -> None:
    """Bury one article event per reason."""
    for number, reason in enumerate(reasons, start=1):
        journal.append(ARTICLES, article_item(f"article-{number}", number, event_hash=number))
        [entry] = journal.drain.read(ARTICLES, 10)
        assert journal.drain.bury(ARTICLES, entry, article_id=None, event_id="", version=0, reason=reason)
        journal.clock.advance(timedelta(seconds=1))


class TestAppend:
    def test_each_article_event_becomes_an_entry_in_the_order_of_acceptance(self, journal: Journal) -> None:
        journal.append(ARTICLES, article_item("a", 1), article_item("b", 2))
        journal.append(ARTICLES, article_item("c", 3))

        entries = journal.drain.read(ARTICLES, 10)

        assert [entry.body for entry in entries] == [
            article_item("a", 1).body,
            article_item("b", 2).body,
            article_item("c", 3).body,
        ]
        assert {entry.deliveries for entry in entries} == {1}
        assert all(abs(entry.appended_at - journal.clock()) < timedelta(minutes=1) for entry in entries)

    def test_the_views_of_one_append_become_one_entry(self, journal: Journal) -> None:
        journal.append(VIEWS, view_item(1), view_item(2))
        journal.append(VIEWS, view_item(3))

        viewers = [[view.viewer_hash for view in decode_views(e.body)] for e in journal.drain.read(VIEWS, 10)]

        assert viewers == [[1, 2], [3]]

    def test_the_same_batch_again_changes_nothing_and_answers_the_same(self, journal: Journal) -> None:
        journal.append(VIEWS, view_item(1, event_hash=7))
        items = (view_item(1, event_hash=7), view_item(2, event_hash=8))

        first = journal.append(VIEWS, *items, batch="retried")
        second = journal.append(VIEWS, *items, batch="retried")

        assert first == second == AppendResult(accepted=1, duplicates=1, duplicate_indexes=(0,))
        assert len(journal.drain.read(VIEWS, 10)) == 2

    def test_the_same_batch_id_in_another_stream_is_another_batch(self, journal: Journal) -> None:
        other = StreamId(StreamKind.VIEWS, 2)

        assert journal.append(VIEWS, view_item(1), batch="x").accepted == 1
        assert journal.append(other, view_item(1), batch="x").accepted == 1

    def test_an_event_sent_again_is_a_duplicate_and_each_sender_is_told_of_its_own(self, journal: Journal) -> None:
        journal.append(VIEWS, view_item(1, event_hash=-(2**63)), view_item(2, event_hash=2**63 - 1))

        again = journal.append(
            VIEWS, view_item(2, event_hash=2**63 - 1), view_item(3, event_hash=3), view_item(3, event_hash=3)
        )

        assert again == AppendResult(accepted=1, duplicates=2, duplicate_indexes=(0, 2))
        bodies = [decode_views(entry.body) for entry in journal.drain.read(VIEWS, 10)]
        assert [[view.viewer_hash for view in views] for views in bodies] == [[1, 2], [3]]

    def test_neighbouring_hashes_beyond_a_double_are_different_events(self, journal: Journal) -> None:
        hashes = [2**62, 2**62 + 1, 2**62 + 256, -(2**62), -(2**62) - 256]

        assert journal.append(VIEWS, *(view_item(1, event_hash=h) for h in hashes)).accepted == len(hashes)

    def test_an_append_of_duplicates_only_leaves_no_entry(self, journal: Journal) -> None:
        journal.append(VIEWS, view_item(1, event_hash=1))
        journal.append(VIEWS, view_item(1, event_hash=1))

        assert len(journal.drain.read(VIEWS, 10)) == 1

    def test_an_event_without_identity_is_always_appended(self, journal: Journal) -> None:
        for _ in range(2):
            assert journal.append(ARTICLES, article_item("a", 1)).accepted == 1

        assert len(journal.drain.read(ARTICLES, 10)) == 2

    @pytest.mark.parametrize("later", [timedelta(minutes=2), timedelta(hours=25), timedelta(hours=47, minutes=58)])
    def test_a_repetition_within_48_hours_counts_once_wherever_midnight_falls(
        self, journal: Journal, later: timedelta
    ) -> None:
        journal.clock.at = datetime(2026, 3, 26, 23, 59, tzinfo=UTC)
        journal.append(VIEWS, view_item(1, event_hash=99))

        journal.clock.advance(later)

        assert journal.append(VIEWS, view_item(1, event_hash=99)).duplicates == 1

    def test_a_repetition_counts_once_when_the_clock_was_put_back_over_midnight(self, journal: Journal) -> None:
        journal.clock.at = datetime(2026, 3, 27, 0, 1, tzinfo=UTC)
        journal.append(VIEWS, view_item(1, event_hash=99))

        journal.clock.at -= timedelta(minutes=5)

        assert journal.append(VIEWS, view_item(1, event_hash=99)).duplicates == 1

    def test_after_three_days_an_event_id_may_be_used_again(self, journal: Journal) -> None:
        journal.append(VIEWS, view_item(1, event_hash=99))
        journal.clock.advance(timedelta(days=3))

        assert journal.append(VIEWS, view_item(1, event_hash=99)).accepted == 1

    def test_nothing_is_appended_of_nothing(self, journal: Journal) -> None:
        assert journal.append(VIEWS) == AppendResult(accepted=0, duplicates=0)
        assert journal.drain.read(VIEWS, 10) == []

    def test_a_share_of_thousands_goes_in_one_append(self, journal: Journal) -> None:
        items = [view_item(n, event_hash=n * 7919) for n in range(10_000)]

        assert journal.append(VIEWS, *items).accepted == 10_000
        [entry] = journal.drain.read(VIEWS, 10)
        assert [view.viewer_hash for view in decode_views(entry.body)] == list(range(10_000))

    def test_an_article_that_came_in_has_a_trail(self, journal: Journal) -> None:
        stream = articles_stream("padma-bridge")
        journal.append(stream, article_item("padma-bridge", 4))

        [mark] = journal.trail.marks("padma-bridge")

        assert (mark.stage, mark.version, mark.event_id) == (TrailStage.RECEIVED, 4, "event-padma-bridge-4")


class TestDoorbell:
    def test_an_append_to_an_idle_stream_rings(self, journal: Journal) -> None:
        journal.append(VIEWS, view_item(1))

        assert journal.rings() == [VIEWS]

    def test_nobody_is_rung_for_while_a_worker_drains(self, journal: Journal) -> None:
        journal.drain.acquire(VIEWS, "worker")
        journal.append(VIEWS, view_item(1))

        assert journal.rings() == []

    def test_duplicates_ring_for_nobody(self, journal: Journal) -> None:
        journal.append(VIEWS, view_item(1, event_hash=1))
        _drain_views(journal)
        journal.append(VIEWS, view_item(1, event_hash=1))

        assert journal.rings() == [VIEWS]

    def test_the_first_event_after_a_drain_rings_again(self, journal: Journal) -> None:
        journal.append(VIEWS, view_item(1))
        _drain_views(journal)
        journal.append(VIEWS, view_item(2))

        assert journal.rings() == [VIEWS, VIEWS]


class TestLease:
    def test_one_worker_at_a_time_holds_a_stream(self, journal: Journal) -> None:
        assert journal.drain.acquire(VIEWS, "first")
        assert not journal.drain.acquire(VIEWS, "second")
        assert not journal.drain.renew(VIEWS, "second")
        assert journal.drain.renew(VIEWS, "first")
        assert journal.drain.acquire(ARTICLES, "second"), "each stream has a lease of its own"

    def test_it_can_be_taken_when_it_was_given_back(self, journal: Journal) -> None:
        journal.drain.acquire(VIEWS, "first")

        assert journal.drain.release(VIEWS, "first", only_if_empty=True)
        assert journal.drain.acquire(VIEWS, "second")

    def test_a_stream_that_is_not_empty_is_not_left_by_mistake(self, journal: Journal) -> None:
        journal.drain.acquire(VIEWS, "first")
        journal.append(VIEWS, view_item(1))

        assert not journal.drain.release(VIEWS, "first", only_if_empty=True)
        assert not journal.drain.acquire(VIEWS, "second")

    def test_it_can_be_given_back_with_work_left(self, journal: Journal) -> None:
        journal.drain.acquire(VIEWS, "first")
        journal.append(VIEWS, view_item(1))

        assert journal.drain.release(VIEWS, "first", only_if_empty=False)
        assert journal.drain.acquire(VIEWS, "second")

    def test_another_workers_lease_is_not_given_away(self, journal: Journal) -> None:
        journal.drain.acquire(VIEWS, "first")

        journal.drain.release(VIEWS, "second", only_if_empty=False)

        assert not journal.drain.acquire(VIEWS, "second")


class TestRead:
    def test_new_entries_come_in_batches(self, journal: Journal) -> None:
        for number in range(3):
            journal.append(VIEWS, view_item(number))

        assert len(journal.drain.read(VIEWS, 2)) == 2

    def test_a_batch_of_long_entries_ends_when_it_has_enough_bytes(self, journal: Journal) -> None:
        size = ENOUGH_READ_BYTES // 2 - 1
        for number in range(5):
            journal.append(ARTICLES, article_item(f"article-{number}")._replace(body=b"x" * size))
        lengths = []
        while entries := journal.drain.read(ARTICLES, 10):
            # Also when an outage has given them all back.
            journal.drain.forgive(ARTICLES, entries)
            assert journal.drain.read(ARTICLES, 10) == entries
            lengths.append([len(entry.body) for entry in entries])
            journal.drain.settle_articles(ARTICLES, [settled(entry, entry.id) for entry in entries])
        assert lengths == [[size] * 3, [size] * 2]

    def test_what_was_handed_out_before_comes_first_and_alone(self, journal: Journal) -> None:
        journal.append(VIEWS, view_item(1))
        journal.append(VIEWS, view_item(2))
        first, second = journal.drain.read(VIEWS, 10)
        journal.append(VIEWS, view_item(3))

        again = journal.drain.read(VIEWS, 10)

        assert [(entry.id, entry.deliveries) for entry in again] == [(first.id, 2)]
        journal.counter.count(VIEWS.partition, [(again[0], [])], now=journal.clock())
        assert [(entry.id, entry.deliveries) for entry in journal.drain.read(VIEWS, 10)] == [(second.id, 2)]

    def test_each_delivery_counts(self, journal: Journal) -> None:
        journal.append(VIEWS, view_item(1))

        assert [journal.drain.read(VIEWS, 10)[0].deliveries for _ in range(5)] == [1, 2, 3, 4, 5]

    def test_deliveries_that_were_taken_back_go_together_again(self, journal: Journal) -> None:
        for number in range(4):
            journal.append(VIEWS, view_item(number))
        entries = journal.drain.read(VIEWS, 3)

        journal.drain.forgive(VIEWS, entries)

        again = journal.drain.read(VIEWS, 2)
        assert [(entry.id, entry.deliveries) for entry in again] == [(entry.id, 1) for entry in entries[:2]]

    def test_an_entry_that_was_not_forgiven_stays_out_of_the_batch_of_those_that_were(self, journal: Journal) -> None:
        for number in range(3):
            journal.append(VIEWS, view_item(number))
        first, second, third = journal.drain.read(VIEWS, 3)

        journal.drain.forgive(VIEWS, [first, second])

        again = journal.drain.read(VIEWS, 10)
        assert [entry.id for entry in again] == [first.id, second.id]
        journal.counter.count(VIEWS.partition, [(entry, []) for entry in again], now=journal.clock())
        assert [(entry.id, entry.deliveries) for entry in journal.drain.read(VIEWS, 10)] == [(third.id, 2)]

    def test_an_outage_does_not_excuse_earlier_deaths(self, journal: Journal) -> None:
        journal.append(VIEWS, view_item(1))
        journal.drain.read(VIEWS, 10)
        [suspect] = journal.drain.read(VIEWS, 10)

        journal.drain.forgive(VIEWS, [suspect])

        assert journal.drain.read(VIEWS, 10)[0].deliveries == suspect.deliveries == 2

    def test_settled_entries_cannot_be_forgiven_back(self, journal: Journal) -> None:
        journal.append(ARTICLES, article_item("a"))
        entries = journal.drain.read(ARTICLES, 10)
        journal.drain.settle_articles(ARTICLES, [settled(entries[0], "a")])

        journal.drain.forgive(ARTICLES, entries)

        assert journal.drain.read(ARTICLES, 10) == []

    def test_an_empty_stream_gives_nothing(self, journal: Journal) -> None:
        assert journal.drain.read(VIEWS, 10) == []


class TestSettle:
    def test_a_settled_entry_is_gone(self, journal: Journal) -> None:
        journal.append(ARTICLES, article_item("a"), article_item("b"))
        first, second = journal.drain.read(ARTICLES, 10)

        assert journal.drain.settle_articles(ARTICLES, [settled(first, "a")]) == [settled(first, "a")]
        both = [settled(first, "a"), settled(second, "b")]
        assert journal.drain.settle_articles(ARTICLES, both) == [settled(second, "b")]
        assert journal.drain.read(ARTICLES, 10) == []

    def test_nothing_to_settle(self, journal: Journal) -> None:
        assert journal.drain.settle_articles(ARTICLES, []) == []

    def test_the_trail_tells_what_became_of_the_event(self, journal: Journal) -> None:
        stream = articles_stream("a")
        journal.append(stream, article_item("a", 2))
        journal.drain.read(stream, 1)
        [entry] = journal.drain.read(stream, 1)
        journal.clock.advance(timedelta(seconds=1))
        journal.drain.settle_articles(stream, [settled(entry, "a", 2, retracted=True)])
        journal.clock.advance(timedelta(seconds=1))
        seen_at = journal.clock().replace(microsecond=0)
        journal.trail.note("a", TrailMark(TrailStage.SEARCHABLE, 2, "", seen_at))

        received, applied, searchable = journal.trail.marks("a")

        assert received.stage is TrailStage.RECEIVED
        assert (applied.stage, applied.version, applied.attempts, applied.retracted) == (TrailStage.APPLIED, 2, 2, True)
        assert searchable == TrailMark(TrailStage.SEARCHABLE, 2, "", seen_at)

    def test_a_stale_event_is_settled_as_such(self, journal: Journal) -> None:
        stream = articles_stream("a")
        journal.append(stream, article_item("a", 1))
        [entry] = journal.drain.read(stream, 1)

        assert journal.drain.settle_articles(stream, [settled(entry, "a", 1, outcome=Outcome.STALE)])
        assert TrailStage.STALE in {mark.stage for mark in journal.trail.marks("a")}

    def test_an_unknown_article_has_no_trail(self, journal: Journal) -> None:
        assert journal.trail.marks("nobody") == []


class TestDeadLetters:
    def test_a_buried_event_keeps_all_that_is_needed_to_repair_it(self, journal: Journal) -> None:
        stream = articles_stream("a")
        journal.append(stream, article_item("a", 3, event_hash=-5), article_item("a", 4))
        bad, good = journal.drain.read(stream, 10)

        assert journal.drain.bury(stream, bad, article_id="a", event_id="e", version=3, reason="শিরোনাম নেই")

        [letter] = journal.dead_letters.list(limit=10)
        assert letter.stream == stream
        assert letter.entry_id == bad.id
        assert letter.body == bad.body
        assert (letter.article_id, letter.event_id, letter.version, letter.event_hash) == ("a", "e", 3, -5)
        assert (letter.reason, letter.attempts) == ("শিরোনাম নেই", 1)
        assert abs(letter.dead_at - journal.clock()) < timedelta(milliseconds=2)
        assert [entry.id for entry in journal.drain.read(stream, 10)] == [good.id], "its neighbour is untouched"

    def test_what_the_body_does_not_tell_the_door_knew(self, journal: Journal) -> None:
        letters_of(journal, "not JSON")

        [letter] = journal.dead_letters.list(limit=1)

        assert (letter.article_id, letter.event_id, letter.version) == ("article-1", "event-article-1-1", 1)

    def test_the_trail_says_why(self, journal: Journal) -> None:
        stream = articles_stream("a")
        journal.append(stream, article_item("a", 3))
        [entry] = journal.drain.read(stream, 1)
        journal.drain.bury(stream, entry, article_id="a", event_id="e", version=3, reason="refused")

        mark = next(mark for mark in journal.trail.marks("a") if mark.stage is TrailStage.DEAD_LETTERED)

        assert (mark.version, mark.event_id, mark.reason) == (3, "e", "refused")

    def test_the_trail_says_whose_event_it_was_when_its_body_did_not(self, journal: Journal) -> None:
        stream = articles_stream("a")
        journal.append(stream, article_item("a", 3))
        [entry] = journal.drain.read(stream, 1)
        journal.drain.bury(stream, entry, article_id=None, event_id="", version=0, reason="not JSON")

        mark = next(mark for mark in journal.trail.marks("a") if mark.stage is TrailStage.DEAD_LETTERED)

        assert (mark.version, mark.event_id) == (3, "event-a-3")

    def test_a_settled_entry_cannot_be_buried(self, journal: Journal) -> None:
        journal.append(ARTICLES, article_item("a"))
        [entry] = journal.drain.read(ARTICLES, 1)
        journal.drain.settle_articles(ARTICLES, [settled(entry, "a")])

        assert not journal.drain.bury(ARTICLES, entry, article_id="a", event_id="", version=1, reason="late")
        assert journal.dead_letters.count() == 0

    def test_a_reason_has_its_limit(self, journal: Journal) -> None:
        letters_of(journal, "ক" * 5_000)

        assert len(journal.dead_letters.list(limit=1)[0].reason) == 2_000

    def test_newest_first_over_all_partitions(self, journal: Journal) -> None:
        for partition in (2, 0, 1):
            stream = StreamId(StreamKind.VIEWS, partition)
            journal.append(stream, view_item(1))
            [entry] = journal.drain.read(stream, 1)
            journal.drain.bury(stream, entry, article_id=None, event_id="", version=0, reason=str(partition))
            journal.clock.advance(timedelta(seconds=1))

        assert [letter.reason for letter in journal.dead_letters.list(limit=10)] == ["1", "0", "2"]
        assert [letter.reason for letter in journal.dead_letters.list(limit=2)] == ["1", "0"]
        assert journal.dead_letters.count() == 3

    def test_they_can_be_looked_up_by_reason(self, journal: Journal) -> None:
        letters_of(journal, "no title", "no date", "no title")

        found = journal.dead_letters.list(limit=2, reason_contains="title")

        assert [letter.article_id for letter in found] == ["article-3", "article-1"]

    def test_a_replayed_letter_is_an_entry_again(self, journal: Journal) -> None:
        letters_of(journal, "index was misconfigured")
        letters = journal.dead_letters.list(limit=1)
        journal.drain.acquire(ARTICLES, "w")
        journal.drain.release(ARTICLES, "w", only_if_empty=True)
        rung_before = len(journal.rings())

        assert journal.dead_letters.replay(letters) == 1
        assert journal.dead_letters.replay(letters) == 0, "only once"

        assert journal.rings()[rung_before:] == [ARTICLES]
        [entry] = journal.drain.read(ARTICLES, 10)
        assert (entry.body, entry.deliveries) == (letters[0].body, 1)
        assert journal.dead_letters.count() == 0

    def test_a_replayed_letter_that_dies_again_is_as_complete_as_before(self, journal: Journal) -> None:
        letters_of(journal, "first")
        [first] = journal.dead_letters.list(limit=1)
        journal.dead_letters.replay([first])
        [entry] = journal.drain.read(ARTICLES, 1)
        journal.drain.bury(ARTICLES, entry, article_id=None, event_id="", version=0, reason="second")

        [second] = journal.dead_letters.list(limit=1)

        assert second.reason == "second"
        assert (second.body, second.article_id, second.event_id, second.version, second.event_hash) == (
            first.body,
            first.article_id,
            first.event_id,
            first.version,
            first.event_hash,
        )

    def test_a_dropped_event_is_gone_and_may_be_sent_again(self, journal: Journal) -> None:
        letters_of(journal, "broken", "broken too")
        event = article_item("article-1", 1, event_hash=1)
        assert journal.append(ARTICLES, event).duplicates == 1

        [_, letter] = journal.dead_letters.list(limit=10)
        assert journal.dead_letters.drop([letter]) == 1
        assert journal.dead_letters.drop([letter]) == 0

        assert journal.append(ARTICLES, event).accepted == 1
        assert journal.append(ARTICLES, article_item("article-2", 2, event_hash=2)).duplicates == 1, "not dropped"
        assert journal.dead_letters.drop([letter]) == 0
        assert journal.append(ARTICLES, event).duplicates == 1, "a second drop forgets nothing of the new one"
        assert journal.dead_letters.count() == 1


class TestBacklogs:
    def test_every_stream_is_told_of_even_before_its_first_event(self, journal: Journal) -> None:
        backlogs = journal.drain.backlogs()

        assert len(backlogs) == len(StreamKind) * PARTITIONS
        assert all((b.entries, b.pending, b.oldest_age_seconds, b.leased) == (0, 0, 0.0, False) for b in backlogs)

    def test_it_tells_what_waits_and_what_is_being_worked_on(self, journal: Journal) -> None:
        for number in range(3):
            journal.append(ARTICLES, article_item(f"a{number}"))
        journal.append(VIEWS, view_item(1))
        journal.drain.acquire(ARTICLES, "worker")
        journal.drain.read(ARTICLES, 2)

        backlogs = {backlog.stream: backlog for backlog in journal.drain.backlogs()}

        assert (backlogs[ARTICLES].entries, backlogs[ARTICLES].pending, backlogs[ARTICLES].leased) == (3, 2, True)
        assert (backlogs[VIEWS].entries, backlogs[VIEWS].pending, backlogs[VIEWS].leased) == (1, 0, False)
        assert 0 <= backlogs[ARTICLES].oldest_age_seconds < 60

    def test_the_doors_ask_for_all_partitions_at_once(self, journal: Journal) -> None:
        journal.append(ARTICLES, article_item("a"), article_item("b"))
        journal.append(StreamId(StreamKind.ARTICLES, 2), article_item("c"))
        journal.append(BACKFILL, article_item("d"))
        journal.append(VIEWS, view_item(1), view_item(2))

        pressure = journal.run.run(journal.gauge.pressure())

        assert pressure.entries == {StreamKind.ARTICLES: 3, StreamKind.BACKFILL: 1, StreamKind.VIEWS: 1}
        assert pressure.memory_used >= 0


class TestBackfill:
    def test_it_waits_in_a_stream_of_its_own_with_a_lease_of_its_own(self, journal: Journal) -> None:
        journal.append(BACKFILL, article_item("old"))
        journal.append(ARTICLES, article_item("new"))
        assert set(journal.rings()) == {ARTICLES, BACKFILL}
        assert journal.drain.acquire(ARTICLES, "one")
        assert journal.drain.acquire(BACKFILL, "another")
        assert [entry.body for entry in journal.drain.read(BACKFILL, 10)] == [article_item("old").body]
        waiting = {backlog.stream for backlog in journal.drain.backlogs() if backlog.entries}
        assert waiting == {ARTICLES, BACKFILL}

    def test_an_event_that_came_as_backfill_is_no_news(self, journal: Journal) -> None:
        journal.append(BACKFILL, article_item("g", event_hash=7))
        assert journal.append(ARTICLES, article_item("g", event_hash=7)) == AppendResult(0, 1, (0,))

    def test_an_older_version_that_is_settled_later_changes_nothing(self, journal: Journal) -> None:
        for stream, version in ((ARTICLES, 2), (BACKFILL, 1)):
            journal.append(stream, article_item("g", version))
            [entry] = journal.drain.read(stream, 1)
            retracted = stream is ARTICLES
            journal.drain.settle_articles(stream, [settled(entry, "g", version, retracted=retracted, category="কৃষি")])
        journal.view(RecordedView("g", 1, 0, True))
        assert journal.reader.hottest(10) == {}

    def test_its_dead_letters_and_trails_say_so_and_a_replay_goes_back_there(self, journal: Journal) -> None:
        journal.append(BACKFILL, article_item("g", 3))
        [entry] = journal.drain.read(BACKFILL, 1)
        assert journal.drain.bury(BACKFILL, entry, article_id="g", event_id="", version=3, reason="mapping")
        [letter] = journal.dead_letters.list(limit=10)
        assert letter.stream == BACKFILL
        assert {mark.priority for mark in journal.trail.marks("g")} == {Priority.BACKFILL}

        assert journal.dead_letters.replay([letter]) == 1
        [entry] = journal.drain.read(BACKFILL, 1)
        assert entry.body == article_item("g", 3).body
        assert journal.drain.settle_articles(BACKFILL, [settled(entry, "g", 3)])
        assert [mark.priority for mark in journal.trail.marks("g") if mark.stage is TrailStage.APPLIED] == [
            Priority.BACKFILL
        ]


def _drain_views(journal: Journal) -> None:
    journal.rings()
    journal.drain.acquire(VIEWS, "drain")
    entries = journal.drain.read(VIEWS, 10)
    journal.counter.count(
        VIEWS.partition, [(entry, decode_views(entry.body)) for entry in entries], now=journal.clock()
    )
    assert journal.drain.release(VIEWS, "drain", only_if_empty=True)
