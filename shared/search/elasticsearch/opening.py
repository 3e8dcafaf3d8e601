"""Where the parts of the Elasticsearch engine are put together."""

from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.writer import ElasticsearchArticleWriter
from shared.settings import IndexSettings


def open_elasticsearch_writer(settings: IndexSettings) -> ElasticsearchArticleWriter:
    """Does not connect yet: a worker starts although Elasticsearch is down.

    Raises:
        ValueError: the settings do not fit together.
    """
    return ElasticsearchArticleWriter(open_client(settings), settings)
