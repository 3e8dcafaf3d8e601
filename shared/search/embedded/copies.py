"""Which stored articles are near-duplicates: the clusters that searches fold, kept up to date inside the transaction.

A cluster is named after the oldest article among one's own near-duplicates, oneself included. Not transitive: daily
boilerplate would chain years together; and decided by the articles alone, not by their order of arrival.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from shared.search.duplicates import WINDOW, are_copies, bands_of
from shared.search.embedded.database import Session
from shared.search.embedded.json_lists import as_json

_WINDOW_SECONDS: Final = int(WINDOW.total_seconds())


@dataclass(frozen=True, slots=True)
class Text:
    """What decides about near-duplicates of an article; `signature` is not empty."""

    signature: bytes
    published: int


def link_copies(session: Session, key: int, before: Text | None, after: Text | None) -> None:
    """Bring clusters up to date after the text of an article has changed from `before` to `after`.

    Usually one look-up. Only when the article that names a cluster changes, each member of it looks for another.
    """
    if before == after:
        return
    # Whoever is in a cluster because of the old text: by its name, or as the other one of a pair.
    orphans = {row["key"] for row in _copies(session, key, before) if row["cluster"] in {key, row["key"]}}
    _replace_bands(session, key, before, after)
    copies = list(_copies(session, key, after))
    own = session.row("place_in_time", key=key)
    for copy in copies:
        if copy["key"] not in orphans:
            _join(session, copy, key, own)
    _set_cluster(session, key, _oldest_of(key, own, copies))
    for orphan in orphans:
        _regroup(session, orphan)


def _join(session: Session, copy: Any, key: int, own: Any) -> None:
    """A copy gets the article into its cluster, or gets into the article's."""
    name = copy["cluster"] if copy["cluster"] is not None else copy["key"]
    named = session.row("place_in_time", key=name)
    cluster = key if _age(own) < _age(named) else name
    if cluster != copy["cluster"]:
        _set_cluster_of_another(session, copy["key"], cluster)


def _regroup(session: Session, key: int) -> None:
    row = session.row("text_of", key=key)
    copies = list(_copies(session, key, Text(row["signature"], row["published"])))
    cluster = _oldest_of(key, row, copies)
    if cluster != row["cluster"]:
        _set_cluster_of_another(session, key, cluster)


def _oldest_of(key: int, own: Any, copies: list[Any]) -> int | None:
    if not copies:
        return None
    # They come oldest first.
    return int(key if _age(own) < _age(copies[0]) else copies[0]["key"])


def _age(row: Any) -> tuple[int, str]:
    return row["published"], row["article_id"]


def _copies(session: Session, key: int, text: Text | None) -> Iterator[Any]:
    """The near-duplicates of a text, oldest first, without the article `key` itself."""
    if text is None:
        return
    candidates = session.rows(
        "alike",
        bands=as_json(_band_numbers(text.signature)),
        key=key,
        earliest=text.published - _WINDOW_SECONDS,
        latest=text.published + _WINDOW_SECONDS,
    )
    yield from (row for row in candidates if are_copies(row["signature"], text.signature))


def _replace_bands(session: Session, key: int, before: Text | None, after: Text | None) -> None:
    for statement, text in (("drop_band", before), ("add_band", after)):
        if text is not None:
            bands = _band_numbers(text.signature)
            session.run_many(statement, [{"band": band, "published": text.published, "key": key} for band in bands])


def _set_cluster(session: Session, key: int, cluster: int | None) -> None:
    session.run("set_cluster", key=key, cluster=cluster)


def _set_cluster_of_another(session: Session, key: int, cluster: int | None) -> None:
    """The article that is changing is in the outbox already; another one has to be indexed anew."""
    session.run("set_change", key=key, change=session.value("ring", key=key))
    _set_cluster(session, key, cluster)


def _band_numbers(signature: bytes) -> list[int]:
    """Bands as 64-bit integers: half the size of their text in the largest table of the store."""
    return sorted(
        {
            int.from_bytes(blake2b(band.encode(), digest_size=8).digest(), "big", signed=True)
            for band in bands_of(signature)
        }
    )
