"""Where the parts of the Elasticsearch engine are put together."""

from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.index_setup import IndexNames
from shared.search.elasticsearch.inventory import ElasticsearchArticleInventory
from shared.search.elasticsearch.moves import ElasticsearchIndexMoves
from shared.search.elasticsearch.reader import ElasticsearchArticleReader
from shared.search.elasticsearch.writer import ElasticsearchArticleWriter
from shared.settings import IndexSettings


def open_elasticsearch_writer(settings: IndexSettings) -> ElasticsearchArticleWriter:
    """Does not connect yet: a worker starts although Elasticsearch is down.

    Raises:
        ValueError: the settings do not fit together.
    """
    return ElasticsearchArticleWriter(open_client(settings), settings)


def open_elasticsearch_reader(settings: IndexSettings) -> ElasticsearchArticleReader:
    """Does not connect yet.

    Raises:
        ValueError: the settings do not fit together.
    """
    return ElasticsearchArticleReader(open_client(settings), settings)


def open_elasticsearch_moves(settings: IndexSettings) -> ElasticsearchIndexMoves:
    """The operators' side: create, rebuild, return, prune.

    Raises:
        ValueError: the settings do not fit together.
    """
    return ElasticsearchIndexMoves(open_client(settings), settings)


def open_elasticsearch_inventory(settings: IndexSettings, index: str | None = None) -> ElasticsearchArticleInventory:
    """Of the index in use, or of one that was left.

    Raises:
        ValueError: the settings do not fit together.
    """
    return ElasticsearchArticleInventory(open_client(settings), index or IndexNames(settings.index_prefix).read)
