"""The pages' templates and the filters that they use."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from services.api.web.assets import Assets
from services.api.web.bengali_formats import (
    bengali_age,
    bengali_date,
    bengali_moment,
    bengali_number,
    bengali_time,
    bengali_weekday,
)
from services.api.web.bengali_words import SORT_NAMES, WINDOW_NAMES
from shared.bengali.calendar import to_bangladeshi
from shared.bengali.date_lines import DHAKA

_BACKTICKS: Final = re.compile("`([^`]+)`")


class Pages:
    """Renders templates; everything that is not marked safe in them is escaped."""

    def __init__(self, assets: Assets, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._environment = Environment(
            loader=PackageLoader("services.api.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            asset=assets.address, windows=list(WINDOW_NAMES.items()), sorts=list(SORT_NAMES.items())
        )
        self._environment.filters.update(
            age=lambda moment: bengali_age(moment, clock()),
            bengali_calendar=_bengali_calendar,
            code=_code,
            date=bengali_date,
            moment=bengali_moment,
            number=bengali_number,
            time=bengali_time,
            weekday=bengali_weekday,
        )

    def render(self, template: str, context: Mapping[str, Any]) -> bytes:
        today = self._clock().astimezone(DHAKA).date()
        return self._environment.get_template(template).render(today=today, **context).encode()


def _code(text: str) -> Markup:
    """Text with `code` between backticks, as the OpenAPI document has it."""
    return Markup(_BACKTICKS.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just before


def _bengali_calendar(day: date) -> str:
    return str(to_bangladeshi(day))
