"""A view as the naive stack takes it."""

from pydantic import BaseModel, Field


class View(BaseModel):
    article_id: str = Field(min_length=1, max_length=200)
    event_id: str | None = Field(default=None, max_length=200)
    viewer: str | None = Field(default=None, max_length=200)
