"""Completions of what was typed so far."""

from services.api.answers import SuggestAnswer, Suggestion
from shared.search.ports import ArticleReader


class Suggest:
    def __init__(self, index: ArticleReader) -> None:
        self._index = index

    def __call__(self, text: str, limit: int) -> SuggestAnswer:
        """Raises IndexUnavailableError. Nothing typed, nothing suggested."""
        completions = self._index.suggest(text, limit) if text.strip() else []
        return SuggestAnswer(
            q=text,
            suggestions=[
                Suggestion(text=completion.text, kind=completion.kind, article_id=completion.article_id)
                for completion in completions
            ],
        )
