"""Query parameters of the readers' door, read and bounded before anything else happens."""

from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from services.api.time_bounds import read_bound
from shared.events import NO_NULL_CHARACTERS
from shared.search.labels import canonical_label
from shared.search.model import Facet, Sort
from shared.views.model import ListKind, Window

MAX_LIMIT: Final = 100
MAX_SUGGESTIONS: Final = 20
MAX_QUERY: Final = 512
MAX_RELATED: Final = 20
MAX_LABELS: Final = 20


def _from(value: Any) -> Any:
    return read_bound(value, end=False) if isinstance(value, str) else value


def _to(value: Any) -> Any:
    return read_bound(value, end=True) if isinstance(value, str) else value


_BOUND_SCHEMA: Final = WithJsonSchema(
    {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
)
From = Annotated[datetime, BeforeValidator(_from), _BOUND_SCHEMA]
To = Annotated[datetime, BeforeValidator(_to), _BOUND_SCHEMA]
Text = Annotated[str, NO_NULL_CHARACTERS]
Query = Annotated[Text, Field(max_length=MAX_QUERY)]
# In one spelling, as the index and the lists keep it: the same word can be typed in several ways.
Label = Annotated[Text, Field(min_length=1, max_length=200), AfterValidator(canonical_label)]


class _Parameters(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)


class SearchFilters(_Parameters):
    """What a search and a feed of a search have in common."""

    q: Query = Field(
        "",
        description='Words, `"a phrase"`, `-word`, `OR`, `title:`, `category:`, `source:`, `date:2024-11`. Bengali, '
        "romanised Bengali and Bengali digits do. Empty: everything, newest first.",
        examples=["ঢাকায় ডেঙ্গু", '"রাষ্ট্রদূত নিয়োগ" রাশিয়া -ইউক্রেন', "dhaka metro rail"],
    )
    category: Annotated[list[Label], Field(max_length=MAX_LABELS)] = Field(
        [], description="Only these categories; give it once for each.", examples=[["জাতীয়"], ["খেলা", "বিনোদন"]]
    )
    source: Annotated[list[Label], Field(max_length=MAX_LABELS)] = Field(
        [], description="Only these sources (agencies or papers).", examples=[["আনাদোলু এজেন্সি"]]
    )
    published_from: From | None = Field(
        None,
        alias="from",
        description="Published at or after: a day, month or year in Dhaka (`2024-11-07`, `2024-11`, `৭ নভেম্বর ২০২৪`), "
        "or an RFC 3339 time.",
        examples=["2026-11-01"],
    )
    published_to: To | None = Field(
        None,
        alias="to",
        description="The same as the end: a day, month or year belongs to the range, a time does not.",
        examples=["2026-11-30"],
    )
    sort: Sort | None = Field(None, description="Default: `relevance`; `newest` when `q` has no words.")
    collapse: bool = Field(False, description="Show near-duplicate articles of other publishers as one, with `copies`.")

    @model_validator(mode="after")
    def _range_is_one(self) -> Self:
        if self.published_from and self.published_to and self.published_from >= self.published_to:
            raise ValueError("`from` must be earlier than `to`")
        return self


class SearchParameters(SearchFilters):
    limit: int = Field(10, ge=1, le=MAX_LIMIT, description="Results on a page.")
    cursor: Annotated[Text, Field(max_length=16_384)] | None = Field(
        None, description="`next` of the page before, with the same other parameters."
    )
    facets: str | None = Field(
        None,
        pattern="^(category|source|date)(,(category|source|date)){0,2}$",
        description="Counts to add, separated by commas.",
        examples=["category,source,date"],
    )
    explain: bool = Field(False, description="Say what each score is made of.")

    def asked_facets(self) -> frozenset[Facet]:
        return frozenset(Facet(name) for name in self.facets.split(",")) if self.facets else frozenset()


class SearchFeedParameters(SearchFilters):
    limit: int = Field(20, ge=1, le=MAX_LIMIT, description="Entries in the feed.")


class SuggestParameters(_Parameters):
    q: Query = Field(description="What was typed so far; romanised input too.", examples=["ডেঙ্", "putin"])
    limit: int = Field(8, ge=1, le=MAX_SUGGESTIONS, description="Completions at most.")


class ListScope(_Parameters):
    """Which most-read list."""

    window: Window = Field(
        Window.DAY, description="Half-life of the count: a view this old counts half. `today`: since midnight in Dhaka."
    )
    category: Label | None = Field(None, description="Only articles of this category.", examples=["খেলা"])


class MostReadParameters(ListScope):
    kind: ListKind = Field(ListKind.TOP, description="`top`: most read. `rising`: read faster than before.")
    limit: int = Field(20, ge=1, le=MAX_LIMIT, description="Entries at most.")
