"""The writers' side of the article store: versions, outbox and near-duplicates, changed in one transaction."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import orjson

from shared.search.document import IndexDocument
from shared.search.duplicates import WINDOW, are_copies, bands_of
from shared.search.embedded.database import Session
from shared.search.model import ArticleChange
from shared.search.versions import rank_of_change

_WINDOW_SECONDS: Final = int(WINDOW.total_seconds())


def ranks(session: Session, article_ids: Sequence[str]) -> dict[str, int]:
    """The rank of each article that the store knows, tombstones included."""
    return dict(session.rows("versions", article_ids=as_json(article_ids)))


def put(session: Session, change: ArticleChange, document: IndexDocument | None) -> int | None:
    """Apply one change inside a transaction; returns its number, None when the store holds something newer."""
    rank = rank_of_change(change)
    known = session.row("version", article_id=change.article_id)
    if known is not None and known["rank"] > rank:
        return None
    if known is None:
        key, signature = session.value("insert_article", article_id=change.article_id, rank=rank), b""
    else:
        key, signature = known["key"], known["signature"] or b""
    number = int(session.value("ring", key=key))
    session.run(
        "put_article",
        key=key,
        rank=rank,
        change=number,
        published=document.published if document else None,
        category=document.category if document else None,
        signature=(document.signature or None) if document else None,
        article=change.article.model_dump_json(exclude_none=True).encode() if change.article else None,
    )
    _link_copies(session, key, signature, document)
    return number


def as_json(values: Sequence[str] | Sequence[int]) -> str:
    """A list for SQLite's json_each."""
    return orjson.dumps(list(values)).decode()


def _link_copies(session: Session, key: int, old_signature: bytes, document: IndexDocument | None) -> None:
    """Bring the near-duplicates of an article up to date, and the clusters that they are in.

    A cluster is named after the oldest article among one's own near-duplicates, oneself included. Not transitive:
    daily boilerplate would chain years together; and decided by the articles alone, not by their order of arrival.
    """
    signature = document.signature if document else b""
    if not old_signature and not signature:
        return
    if old_signature != signature:
        _replace_bands(session, key, old_signature, signature)
    before = {other for (other,) in session.rows("copies_of", key=key)}
    after = _find_copies(session, key, document) if document and signature else set()
    if before != after:
        session.run("drop_copies_to", key=key)
        session.run("drop_copies_from", key=key)
        pairs = [(key, other) for other in after] + [(other, key) for other in after]
        session.run_many("add_copy", [{"key": one, "other": other} for one, other in pairs])
    for member in before | after | {key}:
        _name_cluster(session, member, changed=member == key)


def _replace_bands(session: Session, key: int, old: bytes, new: bytes) -> None:
    session.run_many("drop_band", [{"band": band, "key": key} for band in _band_numbers(old)])
    session.run_many("add_band", [{"band": band, "key": key} for band in _band_numbers(new)])


def _find_copies(session: Session, key: int, document: IndexDocument) -> set[int]:
    candidates = session.rows(
        "alike",
        bands=as_json(_band_numbers(document.signature)),
        key=key,
        earliest=document.published - _WINDOW_SECONDS,
        latest=document.published + _WINDOW_SECONDS,
    )
    return {other for other, signature in candidates if are_copies(signature, document.signature)}


def _name_cluster(session: Session, key: int, *, changed: bool) -> None:
    others = session.rows("copies_of", key=key)
    cluster = session.value("oldest_copy", key=key) if others else None
    if cluster != session.value("cluster_of", key=key):
        # The article itself is in the outbox already; its neighbours have to be indexed anew.
        if not changed:
            session.run("set_change", key=key, change=session.value("ring", key=key))
        session.run("set_cluster", key=key, cluster=cluster)


def _band_numbers(signature: bytes) -> list[int]:
    """Bands as 64-bit integers: half the size of their text in the largest table of the store."""
    if not signature:
        return []
    return sorted(
        {int.from_bytes(blake2b(band.encode(), digest_size=8).digest(), signed=True) for band in bands_of(signature)}
    )
