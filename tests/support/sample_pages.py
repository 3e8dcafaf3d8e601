"""The sample pages beside this file, written for this project."""

from pathlib import Path
from typing import Final

from services.ingest.pages import DraftArticle, parse_page

PAGES: Final = Path(__file__).parent / "pages"
DEMO_PAGE: Final = Path(__file__).parents[2] / "services" / "cli" / "demo" / "sample_page.txt"


def read_page(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")


def parse_text(text: str, **overrides: str) -> DraftArticle:
    return parse_page(text.encode(), "text/plain; charset=utf-8", url=overrides.get("url"))


def parse_html(text: str, **overrides: str) -> DraftArticle:
    return parse_page(text.encode(), "text/html; charset=utf-8", url=overrides.get("url"))
