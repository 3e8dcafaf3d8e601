"""What `relaxing.step_taken` has to know about a query, in one request."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.search.elasticsearch.query_dsl import Query, match_query
from shared.search.plan import QueryPlan, matching_only
from shared.search.relaxing import BEST, BestArticle

_STEPS = "steps"


def steps_body(plans: Sequence[QueryPlan]) -> dict[str, Any]:
    """Asks for the best articles of the loosest step, which stricter ones they match, and how many those find."""
    stricter = {str(step): match_query(matching_only(plan)) for step, plan in enumerate(plans[:-1])}
    named: list[Query] = [
        {"constant_score": {"filter": query, "boost": 0.0, "_name": name}} for name, query in stricter.items()
    ]
    return {
        "query": {"bool": {"must": [match_query(plans[-1])], "should": named, "minimum_should_match": 0}},
        "aggs": {_STEPS: {"filters": {"filters": stricter}}},
        "size": BEST,
        "_source": False,
        "track_total_hits": False,
    }


def read_steps(answer: Mapping[str, Any], steps: int) -> tuple[list[int], list[BestArticle]]:
    """The counts of all steps but the loosest, and the best articles."""
    buckets = answer["aggregations"][_STEPS]["buckets"]
    counts = [buckets[str(step)]["doc_count"] for step in range(steps - 1)]
    best = [
        BestArticle(hit["_score"], min(map(int, hit.get("matched_queries", ())), default=steps - 1))
        for hit in answer["hits"]["hits"]
    ]
    return counts, best
