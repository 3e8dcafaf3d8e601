"""`python -m bench.engine_comparison`: both search engines with the same articles, beside each other in one run.

How long a search takes over HTTP and how long the engine's own call, how soon a published article is found, and how
much disk and memory an engine needs. Elasticsearch and the clients share one core, our processes have the other; while
freshness is measured everybody has both.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

import structlog

from bench import footprint, freshness, search_times
from bench.articles import LoadData, generated_articles
from bench.engines import Engine, open_engines
from bench.figures import load_of_the_machine, write_section

# In this order: what is published for the freshness stays in the index.
_SECTIONS: Final = ("footprint", "search", "freshness")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.engine_comparison", description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--queries", type=int, default=300, help="in each round")
    parser.add_argument("--seconds", type=float, default=4, help="of each load with several clients")
    parser.add_argument("--per-second", type=float, default=50, help="articles published a second")
    parser.add_argument("--minutes", type=float, default=1, help="for so long")
    parser.add_argument("--only", choices=_SECTIONS, help="measure this and nothing else")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/performance.md")
    options = parser.parse_args(arguments)
    load = load_of_the_machine()
    # The engines say what they do; here the table is what is wanted.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    data = LoadData()
    articles = data.articles(options.articles)
    described = f"{load} {data.describe(options.articles)}"
    with open_engines(articles) as engines:
        queries = search_times.queries_for(articles, options.queries * (options.rounds + 1))
        measures = {
            "footprint": lambda: f"{described}.\n\n{footprint.report(engines, len(articles), queries[:50])}",
            "search": lambda: f"{described}.\n\n{_search_times(engines, queries, options)}",
            "freshness": lambda: f"{load} {_freshness(engines, options)}",
        }
        sections = {name: measures[name]() for name in ([options.only] if options.only else _SECTIONS)}
    for name, text in sections.items():
        print(f"\n{name}\n\n{text}")
        if options.write:
            write_section(name, text)
    return 0


def _search_times(engines: Sequence[Engine], queries: Sequence[str], options: argparse.Namespace) -> str:
    times = search_times.measure(engines, queries, rounds=options.rounds, seconds=options.seconds)
    return search_times.report(times)


def _freshness(engines: Sequence[Engine], options: argparse.Namespace) -> str:
    news = generated_articles(round(options.per_second * options.minutes * 60))
    found = {each.name: freshness.measure(each, news, per_second=options.per_second) for each in engines}
    return freshness.report(found, per_second=options.per_second)


if __name__ == "__main__":
    sys.exit(main())
