"""Names, template and creation of the index.

An index is called `<prefix>-articles-v<analyzer version>-<number>` and is hardly ever addressed by that name. Readers
use the alias `<prefix>-articles-read`. Writers use `<prefix>-articles-write-<what documents must look like>`: an alias
of that name exists only while the index in use was made by the same analyzer and with the same mapping, so nobody can
write words of another analyzer into it, however long his process has been running.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any, Final

import orjson
import structlog
from elasticsearch import BadRequestError, Elasticsearch

from shared.bengali.analyzer import ANALYZER_VERSION
from shared.search.elasticsearch.failures import elasticsearch_failures, json_of, type_of
from shared.search.ports import IndexUnavailableError
from shared.settings import IndexSettings

_log = structlog.get_logger(__name__)

_FIRST: Final = 1
# Above the priorities of Elasticsearch's own templates.
_TEMPLATE_PRIORITY: Final = 500
_NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class IndexNames:
    """What everything of one installation is called."""

    prefix: str

    @property
    def read(self) -> str:
        return f"{self.prefix}-articles-read"

    @property
    def write(self) -> str:
        return f"{self.prefix}-articles-write-{form()}"

    @property
    def writers(self) -> str:
        """Matches the writers' aliases of every form."""
        return f"{self.prefix}-articles-write-*"

    @property
    def building(self) -> str:
        """The alias of an index that is being filled and will take over."""
        return f"{self.prefix}-articles-building"

    @property
    def template(self) -> str:
        return f"{self.prefix}-articles"

    @property
    def pattern(self) -> str:
        """Matches every index, and no alias."""
        return f"{self.prefix}-articles-v*"

    def index(self, number: int) -> str:
        return f"{self.prefix}-articles-v{ANALYZER_VERSION}-{number:06d}"

    def number_of(self, index: str) -> int:
        """Grows with every index, whatever its analyzer."""
        return int(index.rpartition("-")[2])


@cache
def mapping() -> dict[str, Any]:
    """Strict: a field that is not in it is an error, never a guess. `_meta.form` says what documents look like."""
    text = files(__package__).joinpath("mapping.json").read_bytes()
    return {**orjson.loads(text), "_meta": {"form": f"v{ANALYZER_VERSION}-{blake2b(text, digest_size=4).hexdigest()}"}}


def form() -> str:
    """Of the documents that this version of the program writes."""
    return str(mapping()["_meta"]["form"])


def index_settings(settings: IndexSettings) -> dict[str, Any]:
    return {
        "number_of_shards": settings.index_shards,
        "number_of_replicas": settings.index_replicas,
        "refresh_interval": settings.index_refresh_interval,
    }


def ensure_index(client: Elasticsearch, settings: IndexSettings) -> None:
    """Make the first index unless there is one; any number of processes may do it at once.

    An index that was deleted is not made again: an empty one in its place would tell readers that there is no news,
    and nobody that something is wrong. The template, which stays behind, tells that there was one.

    Raises:
        IndexUnavailableError: Elasticsearch is gone or refuses, or what is there takes no documents of our form.
    """
    names = IndexNames(settings.index_prefix)
    with elasticsearch_failures():
        if _takes_our_documents(client, names):
            return
        fault = _fault(client, names)
        # Somebody else may have made it since.
        if _takes_our_documents(client, names):
            return
        if fault is not None:
            raise IndexUnavailableError(fault)
        make_first_index(client, settings)


def make_first_index(client: Elasticsearch, settings: IndexSettings) -> None:
    """Empty, with both aliases. The template comes last, so that a process that dies in between is no deletion."""
    names = IndexNames(settings.index_prefix)
    create_index(client, settings, names.index(_FIRST), {names.read: {}, names.write: {"is_write_index": True}})
    put_template(client, settings)


def put_template(client: Elasticsearch, settings: IndexSettings) -> None:
    """Whoever makes an index from now on, it has these settings and this mapping."""
    names = IndexNames(settings.index_prefix)
    client.indices.put_index_template(
        name=names.template,
        index_patterns=[names.pattern],
        priority=_TEMPLATE_PRIORITY,
        template={"settings": {"index": index_settings(settings)}, "mappings": mapping()},
    )


def create_index(client: Elasticsearch, settings: IndexSettings, name: str, aliases: dict[str, Any]) -> None:
    """Index and aliases appear in one step: nobody sees one without the other. It may exist already."""
    try:
        client.indices.create(
            index=name, aliases=aliases, settings={"index": index_settings(settings)}, mappings=mapping()
        )
    except BadRequestError as error:
        if type_of(error.body) != "resource_already_exists_exception":
            raise
    else:
        _log.info("index.created", index=name)


def _takes_our_documents(client: Elasticsearch, names: IndexNames) -> bool:
    """Whether there is a writers' alias. Raises IndexUnavailableError when it leads to an index that is not ours."""
    answer = json_of(client.options(ignore_status=_NOT_FOUND).indices.get_mapping(index=names.write))
    if "error" in answer:
        return False
    for index, described in answer.items():
        if not _is_ours(described):
            raise IndexUnavailableError(
                f"{index} has another mapping than documents of the form {form()} need; was it made by hand? "
                "`khobor index rebuild` makes a proper one of its articles"
            )
    return True


def _fault(client: Elasticsearch, names: IndexNames) -> str | None:
    """Why there is no writers' alias; None when there has never been an index."""
    found = json_of(client.indices.get(index=names.pattern, allow_no_indices=True, features=["aliases", "mappings"]))
    in_use = [index for index in found.values() if names.read in index["aliases"]]
    if any(_is_ours(index) for index in in_use or found.values()):
        return f"the alias {names.write} was removed: run `khobor index create`"
    if found:
        return (
            f"no index in use takes documents of the form {form()} (there are {', '.join(sorted(found))}): "
            "run `khobor index rebuild`"
        )
    if client.indices.exists_index_template(name=names.template):
        return "the index was deleted: restore it from a snapshot, or begin an empty one with `khobor index create`"
    return None


def _is_ours(index: Mapping[str, Any]) -> bool:
    return bool(index["mappings"].get("_meta", {}).get("form") == form())
