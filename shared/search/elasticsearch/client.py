"""The HTTP client of Elasticsearch, as the settings describe it."""

from dataclasses import replace
from typing import Final

from elastic_transport import NodeConfig
from elastic_transport.client_utils import url_to_node_config
from elasticsearch import Elasticsearch, OrjsonSerializer

from shared.search.elasticsearch.time_limit import TimeLimitedTransport
from shared.settings import IndexSettings

# One per thread that may be asking at the same time: FastAPI's pool of 40, a worker's 4.
_CONNECTIONS: Final = 40
# What a node says that starts, stops or has lost its cluster, or the proxy before it.
_PASSED_OVER: Final = (502, 503, 504)


def open_client(settings: IndexSettings) -> Elasticsearch:
    """A client that has not connected yet; safe to share between threads.

    What one node cannot answer the next one is asked, each once: all that is written here may be written twice. A
    node that does not answer in time is passed over in later requests only, for the time of this one is used up.
    Beyond that nothing is repeated: a worker's journal and a reader repeat what may be repeated.

    Raises:
        ValueError: without `elasticsearch_url`, or when there is no such CA file.
    """
    if settings.elasticsearch_url is None:
        raise ValueError("KHOBOR_ELASTICSEARCH_URL is not set")
    key, token = settings.elasticsearch_api_key, settings.elasticsearch_token
    return Elasticsearch(
        [_node(settings, str(url)) for url in settings.elasticsearch_url],
        basic_auth=_basic_auth(settings),
        api_key=key.get_secret_value() if key else None,
        bearer_auth=token.get_secret_value() if token else None,
        opaque_id="khobor",
        request_timeout=settings.elasticsearch_timeout.total_seconds(),
        max_retries=len(settings.elasticsearch_url) - 1,
        retry_on_status=_PASSED_OVER,
        retry_on_timeout=False,
        transport_class=TimeLimitedTransport,
        serializer=OrjsonSerializer(),
    )


def _node(settings: IndexSettings, url: str) -> NodeConfig:
    node = replace(
        url_to_node_config(url, use_default_ports_for_scheme=True),
        connections_per_node=_CONNECTIONS,
        http_compress=False,
    )
    ca_file = settings.elasticsearch_ca_file
    if ca_file is None:
        return node
    if not ca_file.is_file():
        raise ValueError(f"KHOBOR_ELASTICSEARCH_CA_FILE: there is no file {ca_file}")
    if node.scheme != "https":
        raise ValueError("KHOBOR_ELASTICSEARCH_CA_FILE is for https addresses; KHOBOR_ELASTICSEARCH_URL is none")
    return replace(node, ca_certs=str(ca_file))


def _basic_auth(settings: IndexSettings) -> tuple[str, str] | None:
    if settings.elasticsearch_username is None or settings.elasticsearch_password is None:
        return None
    return settings.elasticsearch_username, settings.elasticsearch_password.get_secret_value()
