"""What an engine needs for its articles: disk, and memory of the processes that have it open."""

from collections.abc import Sequence
from urllib.parse import quote

from bench.engines import Engine
from bench.figures import number, table
from bench.http_exchange import HttpExchange, get
from bench.processes import resident_bytes
from shared.search.elasticsearch.client import open_client
from shared.search.elasticsearch.index_setup import IndexNames

_PER = 10_000
_MEGABYTE = 1_000_000


def report(engines: Sequence[Engine], articles: int, queries: Sequence[str]) -> str:
    """Memory after `queries` have been asked through the readers' door."""
    rows = []
    for engine in engines:
        with engine.api() as api, engine.worker() as worker:
            api.wait_until_ready()
            with HttpExchange(api.port) as exchange:
                for query in queries:
                    exchange(get(f"/v1/search?q={quote(query)}"))
            server = resident_bytes(engine.server_pid) if engine.server_pid else 0
            rows.append(
                (
                    engine.name,
                    number(disk_bytes(engine) / articles * _PER / _MEGABYTE),
                    number(server / _MEGABYTE) if server else "none",
                    number(resident_bytes(api.pid) / _MEGABYTE),
                    number(resident_bytes(worker.pid) / _MEGABYTE),
                )
            )
    head = ("engine", f"MB on disk per {_PER:,} articles", "server MB", "readers' door MB", "worker MB")
    return table(head, rows)


def disk_bytes(engine: Engine) -> int:
    """Everything: words, and the articles themselves."""
    if engine.settings.elasticsearch_url is None:
        return sum(file.stat().st_size for file in engine.settings.index_path.rglob("*") if file.is_file())
    with open_client(engine.settings) as client:
        index = IndexNames(engine.settings.index_prefix).read
        # What merging has replaced goes at the next flush.
        client.indices.flush(index=index)
        return int(client.indices.stats(index=index, metric="store")["_all"]["primaries"]["store"]["size_in_bytes"])
