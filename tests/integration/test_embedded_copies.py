"""Clusters of near-duplicates, kept up to date change by change, against what comparing everything finds."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.search.document import build_document
from shared.search.duplicates import WINDOW, are_copies, oldest
from shared.search.embedded.database import Database
from shared.search.embedded.reader import EmbeddedArticleReader
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.memory import InMemoryArticleIndex
from shared.search.model import ArticleChange, Lookup
from tests.support.articles import article, ids, publish_change, retract_change, search_for

pytestmark = pytest.mark.integration

# Each pair of neighbours shares two of three paragraphs, so likeness does not carry over: a chain, not a clique.
PARAGRAPHS = [
    " ".join(f"{word}{number}" for word in ("নদী", "সেতু", "মেলা", "খেলা", "বাজার", "শহর", "মাঠ", "পথ", "গান", "কবিতা") * 2)
    for number in ("এক", "দুই", "তিন", "চার", "পাঁচ", "ছয়")
]
TEXTS = ["\n".join(PARAGRAPHS[first : first + 3]) for first in range(4)]
IDS = "abcdef"

CHANGE = st.builds(
    lambda article_id, version, text, days: (article_id, version, text, days),
    st.sampled_from(IDS),
    st.integers(1, 5),
    st.sampled_from([None, *range(len(TEXTS))]),
    st.integers(0, 6),
)


def change_of(article_id: str, version: int, text: int | None, days: int) -> ArticleChange:
    if text is None:
        return retract_change(article_id, version)
    return publish_change(
        article(article_id, f"খবর {article_id}", TEXTS[text], version=version, age=timedelta(days=days))
    )


def expected_clusters(index: InMemoryArticleIndex) -> dict[str, str | None]:
    lookups = index.get_many(list(IDS))
    documents = {
        article_id: build_document(lookup.stored.article)
        for article_id, lookup in lookups.items()
        if lookup.state is Lookup.FOUND and lookup.stored is not None
    }
    clusters: dict[str, str | None] = {}
    for article_id, document in documents.items():
        copies = [
            other
            for other, candidate in documents.items()
            if other != article_id
            and abs(candidate.published - document.published) <= WINDOW.total_seconds()
            and are_copies(candidate.signature, document.signature)
        ]
        members = [(documents[member].published, member) for member in (article_id, *copies)]
        clusters[article_id] = oldest(members)[1] if copies else None
    return clusters


def stored_clusters(folder: Path) -> dict[str, str | None]:
    with closing(Database(folder, read_only=True)) as database, database.session() as session:
        rows = session.rows("articles_after", key=0, limit=100)
    names = {row["key"]: row["article_id"] for row in rows}
    return {row["article_id"]: names.get(row["cluster"]) for row in rows}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGE, min_size=1, max_size=14))
def test_clusters_are_those_that_comparing_everything_finds(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, int, int | None, int]]
) -> None:
    folder = tmp_path_factory.mktemp("copies") / "index"
    plain = InMemoryArticleIndex()
    with closing(EmbeddedArticleWriter(folder)) as writer:
        for change in changes:
            writer.apply([change_of(*change)])
            plain.apply([change_of(*change)])
    assert stored_clusters(folder) == expected_clusters(plain)


def test_neighbours_are_alike_and_others_are_not() -> None:
    signatures = [build_document(article("a", "খবর", text)).signature for text in TEXTS]
    assert are_copies(signatures[0], signatures[1])
    assert not are_copies(signatures[0], signatures[3])


def test_what_is_folded_follows_a_change_to_another_article(tmp_path: Path) -> None:
    """The newest of a pair is shown; when the pair breaks up, both are, although only one was written."""
    folder = tmp_path / "index"
    request = search_for("নদীএক", collapse=True)
    with closing(EmbeddedArticleWriter(folder)) as writer, closing(EmbeddedArticleReader(folder)) as reader:
        writer.apply([change_of("a", 1, 0, 2), change_of("b", 1, 0, 1)])
        writer.make_searchable()
        assert len(ids(reader.search(request))) == 1
        writer.apply([publish_change(article("b", "খবর", "এখন নদীএক নিয়ে একেবারে অন্য কথা", version=2))])
        writer.make_searchable()
        page = reader.search(request)
        assert sorted(ids(page)) == ["a", "b"]
        assert [hit.stored.copies for hit in page.hits] == [0, 0]
