"""Which search engine the settings name: the one place that makes its writers, readers and operators' tools."""

from shared.search.embedded.inventory import EmbeddedArticleInventory, has_store
from shared.search.embedded.moves import EmbeddedIndexMoves
from shared.search.embedded.reader import EmbeddedArticleReader
from shared.search.embedded.writer import EmbeddedArticleWriter
from shared.search.ports import ArticleInventory, ArticleReader, ArticleWriter, IndexMoves
from shared.settings import IndexSettings


def open_writer(settings: IndexSettings) -> ArticleWriter:
    """The workers' side. The embedded engine creates its folder, and an empty index in it, when there is none.

    Raises:
        IndexUnavailableError: the engine cannot be used now.
    """
    if settings.elasticsearch_url is None:
        return EmbeddedArticleWriter(settings.index_path)
    # Its client is slow to import and not needed by everybody.
    from shared.search.elasticsearch.opening import open_elasticsearch_writer  # noqa: PLC0415

    return open_elasticsearch_writer(settings)


def open_reader(settings: IndexSettings) -> ArticleReader:
    """The readers' side. Opening never fails: a missing or broken engine shows in the first call."""
    if settings.elasticsearch_url is None:
        return EmbeddedArticleReader(settings.index_path)
    from shared.search.elasticsearch.opening import open_elasticsearch_reader  # noqa: PLC0415

    return open_elasticsearch_reader(settings)


def open_moves(settings: IndexSettings) -> IndexMoves:
    """The operators' side. Opening never fails, as `open_reader`."""
    if settings.elasticsearch_url is None:
        return EmbeddedIndexMoves(settings.index_path)
    from shared.search.elasticsearch.opening import open_elasticsearch_moves  # noqa: PLC0415

    return open_elasticsearch_moves(settings)


def open_inventory(settings: IndexSettings) -> ArticleInventory:
    """What the index in use holds. Opening never fails, as `open_reader`."""
    if settings.elasticsearch_url is None:
        return EmbeddedArticleInventory(settings.index_path)
    from shared.search.elasticsearch.opening import open_elasticsearch_inventory  # noqa: PLC0415

    return open_elasticsearch_inventory(settings)


def open_other_inventories(settings: IndexSettings) -> dict[str, ArticleInventory]:
    """Where articles may be that the index in use has lost, by name, the likeliest first.

    These are the indices that Elasticsearch keeps for a return, newest first, and the embedded engine's folder.

    Raises:
        IndexUnavailableError: Elasticsearch does not say which indices there are.
    """
    if settings.elasticsearch_url is None:
        return {}
    from shared.search.elasticsearch.opening import open_elasticsearch_inventory  # noqa: PLC0415

    others: dict[str, ArticleInventory] = {
        state.name: open_elasticsearch_inventory(settings, state.name)
        for state in reversed(open_moves(settings).states())
        if not state.is_in_use
    }
    if has_store(settings.index_path):
        others[f"the embedded index in {settings.index_path}"] = EmbeddedArticleInventory(settings.index_path)
    return others
