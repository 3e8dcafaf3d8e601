"""The contract of an index's inventory: what operators may rely on when they compare and copy, whatever the engine."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from shared.search.elasticsearch.opening import open_elasticsearch_inventory, open_elasticsearch_writer
from shared.search.embedded.inventory import EmbeddedArticleInventory
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.labels import canonical_label
from shared.search.memory import InMemoryArticleIndex
from shared.search.memory_inventory import InMemoryArticleInventory
from shared.search.model import HeldArticle
from shared.search.ports import ArticleInventory, ArticleWriter
from tests.support.articles import article, publish_change, retract_change
from tests.support.elasticsearch_engine import delete_indices, elasticsearch_settings

COMPLETE = article(
    "complete",
    "মেট্রোরেলের নতুন সময়সূচি",
    "আগামী মাস থেকে মেট্রোরেল রাত দশটা পর্যন্ত চলবে।",
    version=7,
    lead="যাত্রীরা খুশি।",
    url="https://news.example/metro",
    category="জাতীয়",
    byline="ডেস্ক নিউজ",
    sources=("বাসস", "ইউএনবি"),
    tags=("মেট্রোরেল",),
    page_views=120,
    related=("আরও দুটি স্টেশন চালু",),
    age=timedelta(days=400, microseconds=250_000),
)


@dataclass(frozen=True)
class Index:
    writer: ArticleWriter
    inventory: ArticleInventory


@pytest.fixture(params=["memory", "embedded", pytest.param("elasticsearch", marks=pytest.mark.integration)])
def index(request: pytest.FixtureRequest) -> Iterator[Index]:
    if request.param == "memory":
        memory = InMemoryArticleIndex()
        yield Index(memory, InMemoryArticleInventory(memory))
    elif request.param == "embedded":
        folder: Path = request.getfixturevalue("tmp_path") / "index"
        with closing(EmbeddedArticleWriter(folder)) as writer:
            yield Index(writer, EmbeddedArticleInventory(folder))
    else:
        url, prefix = request.getfixturevalue("elasticsearch_server").url, request.getfixturevalue("index_prefix")
        settings = elasticsearch_settings(url, prefix)
        elasticsearch_writer = open_elasticsearch_writer(settings)
        elasticsearch_writer.make_searchable()
        yield Index(elasticsearch_writer, open_elasticsearch_inventory(settings))
        delete_indices(url, prefix)


def everything(inventory: ArticleInventory) -> dict[str, HeldArticle]:
    listed = [held for page in inventory.pages() for held in page]
    found = {held.article_id: held for held in listed}
    assert len(found) == len(listed) == inventory.count()
    assert inventory.held([*found, "nobody"]) == found
    return found


def test_an_empty_index_holds_nothing(index: Index) -> None:
    assert everything(index.inventory) == {}
    assert index.inventory.changes(["nobody"]) == []
    assert index.inventory.changes([]) == []


def test_articles_and_tombstones_are_held_with_their_versions(index: Index) -> None:
    index.writer.apply([publish_change(COMPLETE), publish_change(article("plain", "খবর", version=2))])
    index.writer.apply([retract_change("plain", 2), retract_change("never-seen", 9)])
    assert everything(index.inventory) == {
        "complete": HeldArticle("complete", 7, retracted=False, category=canonical_label("জাতীয়")),
        "plain": HeldArticle("plain", 2, retracted=True, category=None),
        "never-seen": HeldArticle("never-seen", 9, retracted=True, category=None),
    }


def test_changes_are_whole(index: Index) -> None:
    index.writer.apply([publish_change(COMPLETE), retract_change("gone", 3)])
    changes = index.inventory.changes(["gone", "nobody", "complete"])
    assert sorted(changes, key=lambda change: change.article_id) == [
        publish_change(COMPLETE),
        retract_change("gone", 3),
    ]


def test_every_page_is_read(index: Index) -> None:
    index.writer.apply([publish_change(article(f"a{number}", "খবর")) for number in range(1_100)])
    assert set(everything(index.inventory)) == {f"a{number}" for number in range(1_100)}


def test_what_one_index_holds_brings_another_to_the_same(index: Index) -> None:
    index.writer.apply([publish_change(COMPLETE), publish_change(article("plain", "খবর")), retract_change("gone", 3)])
    other = InMemoryArticleIndex()
    for page in index.inventory.pages():
        other.apply(index.inventory.changes([held.article_id for held in page]))
    assert everything(InMemoryArticleInventory(other)) == everything(index.inventory)
    assert other.newest["complete"].article == COMPLETE
