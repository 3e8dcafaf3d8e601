"""Names of viewers and events: stable, different, and of no use to who wants a reader's address."""

from hypothesis import given
from hypothesis import strategies as st

from shared.views.viewer_hash import anonymous_viewer, daily_salt, event_hash, viewer_hash

SALT = daily_salt(b"secret", 20_781)
names = st.text(max_size=50)


@given(viewer=names, article_id=names)
def test_hashes_fit_into_a_signed_64_bit_integer(viewer: str, article_id: str) -> None:
    for hashed in (viewer_hash(SALT, viewer, article_id), event_hash(viewer, article_id)):
        assert -(2**63) <= hashed < 2**63


@given(first=st.tuples(names, names), second=st.tuples(names, names))
def test_different_pairs_have_different_hashes(first: tuple[str, str], second: tuple[str, str]) -> None:
    assert (viewer_hash(SALT, *first) == viewer_hash(SALT, *second)) == (first == second)
    assert (event_hash(*first) == event_hash(*second)) == (first == second)


def test_events_keep_their_hash_for_ever_and_viewers_for_a_day() -> None:
    tomorrow, other_secret = daily_salt(b"secret", 20_782), daily_salt(b"other", 20_781)

    # Stored for 48 hours and across restarts: a changed hash would count every repetition again.
    assert event_hash("https://example.com/cms", "evt-1") == -7_979_651_320_340_904_651
    assert len({viewer_hash(salt, "reader", "a") for salt in (SALT, tomorrow, other_secret)}) == 3
    assert daily_salt(b"secret", 20_781) == SALT


def test_a_reader_is_told_from_another_by_address_and_agent() -> None:
    assert anonymous_viewer("203.0.113.9", "Firefox") != anonymous_viewer("203.0.113.10", "Firefox")
    assert anonymous_viewer("203.0.113.9", "Firefox") != anonymous_viewer("203.0.113.9", "Safari")


def test_an_ipv6_reader_stays_the_same_when_the_device_changes_its_address() -> None:
    here = anonymous_viewer("2001:db8:1:2:aaaa::1", "Firefox")

    assert here == anonymous_viewer("2001:db8:1:2:bbbb::9", "Firefox")
    assert here != anonymous_viewer("2001:db8:1:3:aaaa::1", "Firefox")


def test_an_ipv4_address_in_ipv6_clothes_is_the_same_reader() -> None:
    assert anonymous_viewer("::ffff:203.0.113.9", "Firefox") == anonymous_viewer("203.0.113.9", "Firefox")
    assert anonymous_viewer("::ffff:203.0.113.9", "Firefox") != anonymous_viewer("::ffff:203.0.113.8", "Firefox")


def test_an_address_that_is_none_is_taken_as_it_is() -> None:
    assert anonymous_viewer("unix:", "Firefox") != anonymous_viewer("", "Firefox")
