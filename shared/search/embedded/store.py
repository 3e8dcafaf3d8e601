"""The writers' side of the article store: versions and outbox, changed in one transaction."""

from collections.abc import Sequence

from shared.search.document import IndexDocument
from shared.search.embedded.copies import Text, link_copies
from shared.search.embedded.database import Session
from shared.search.embedded.json_lists import as_json
from shared.search.model import ArticleChange
from shared.search.versions import rank_of_change


def ranks(session: Session, article_ids: Sequence[str]) -> dict[str, int]:
    """The rank of each article that the store knows, tombstones included."""
    return dict(session.rows("ranks", article_ids=as_json(article_ids)))


def put(session: Session, change: ArticleChange, document: IndexDocument | None) -> int | None:
    """Apply one change inside a transaction; returns its number, None when the store holds something newer."""
    rank = rank_of_change(change)
    known = session.row("known", article_id=change.article_id)
    if known is not None and known["rank"] > rank:
        return None
    key = session.value("insert_article", article_id=change.article_id, rank=rank) if known is None else known["key"]
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
    before = Text(known["signature"], known["published"]) if known and known["signature"] else None
    after = Text(document.signature, document.published) if document and document.signature else None
    link_copies(session, key, before, after)
    return number
