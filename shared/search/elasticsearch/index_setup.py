"""Names, template and creation of the index.

An index is called `<prefix>-articles-<analyzer version>-<number>` and is never addressed by that name: readers use
the alias `<prefix>-articles-read`, writers `<prefix>-articles-write`.
"""

from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files
from typing import Any, Final

import orjson
import structlog
from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from shared.bengali.analyzer import ANALYZER_VERSION
from shared.search.elasticsearch.failures import elasticsearch_failures, json_of, type_of
from shared.search.ports import IndexUnavailableError
from shared.settings import IndexSettings

_log = structlog.get_logger(__name__)

_FIRST: Final = 1
# Above the priorities of Elasticsearch's own templates.
_TEMPLATE_PRIORITY: Final = 500


@dataclass(frozen=True, slots=True)
class IndexNames:
    """What everything of one installation is called."""

    prefix: str

    @property
    def read(self) -> str:
        return f"{self.prefix}-articles-read"

    @property
    def write(self) -> str:
        return f"{self.prefix}-articles-write"

    @property
    def template(self) -> str:
        return f"{self.prefix}-articles"

    @property
    def pattern(self) -> str:
        """Matches every index, and no alias: versions of the analyzer begin with a digit."""
        return f"{self.prefix}-articles-v*"

    def index(self, number: int) -> str:
        return f"{self.prefix}-articles-v{ANALYZER_VERSION}-{number:06d}"


def mapping() -> dict[str, Any]:
    """Strict: a field that is not in it is an error, never a guess."""
    text = files(__package__).joinpath("mapping.json").read_bytes()
    fingerprint = blake2b(text, digest_size=8).hexdigest()
    return {**orjson.loads(text), "_meta": {"analyzer": ANALYZER_VERSION, "mapping": fingerprint}}


def index_settings(settings: IndexSettings) -> dict[str, Any]:
    return {
        "number_of_shards": settings.index_shards,
        "number_of_replicas": settings.index_replicas,
        "refresh_interval": settings.index_refresh_interval,
    }


def ensure_index(client: Elasticsearch, settings: IndexSettings) -> None:
    """Make the index with both aliases unless it exists; any number of processes may do it at once.

    Raises:
        IndexUnavailableError: Elasticsearch is gone or refuses, an alias is missing although there are indices, or
            the index was made by another analyzer or with another mapping.
    """
    names = IndexNames(settings.index_prefix)
    with elasticsearch_failures():
        if _meta_behind(client, names.write) is None:
            _create(client, settings, names)
        found = _meta_behind(client, names.write)
    wanted = mapping()["_meta"]
    if found != wanted:
        raise IndexUnavailableError(
            f"the index behind {names.write} was made for {found}, this version needs {wanted}: `khobor index rebuild`"
        )


def _meta_behind(client: Elasticsearch, alias: str) -> dict[str, Any] | None:
    """What is noted in the mapping of the alias's index; None without the alias."""
    try:
        mappings = json_of(client.indices.get_mapping(index=alias))
    except NotFoundError:
        return None
    return next((dict(index["mappings"].get("_meta", {})) for index in mappings.values()), None)


def _create(client: Elasticsearch, settings: IndexSettings, names: IndexNames) -> None:
    existing = sorted(json_of(client.indices.get(index=names.pattern, allow_no_indices=True, features="aliases")))
    if existing:
        raise IndexUnavailableError(
            f"the alias {names.write} is missing, although there are {', '.join(existing)}: `khobor index repair`"
        )
    client.indices.put_index_template(
        name=names.template,
        index_patterns=[names.pattern],
        priority=_TEMPLATE_PRIORITY,
        template={"settings": {"index": index_settings(settings)}, "mappings": mapping()},
    )
    name = names.index(_FIRST)
    try:
        # Index and aliases appear in one step: nobody sees one without the other.
        client.indices.create(index=name, aliases={names.read: {}, names.write: {"is_write_index": True}})
    except BadRequestError as error:
        if type_of(error.body) != "resource_already_exists_exception":
            raise
    else:
        _log.info("index.created", index=name)
