"""What makes articles similar, for every engine: the words that tell what an article is about."""

from typing import Final

from shared.bengali.analyzer import analyze
from shared.events import Article

# As the more-like-this of search engines: the 25 words with the highest tf-idf, of which a quarter must match.
MOST_WORDS: Final = 25
SHARE_THAT_MUST_MATCH: Final = 0.25
# What comes later in an article seldom says what it is about.
_TELLING_CHARACTERS: Final = 3_000


def telling_stems(article: Article) -> list[str]:
    """What the article is about; its title counts three times, as in searches."""
    title = analyze(article.title).stems
    return [*title, *title, *title, *analyze(f"{article.lead or ''} {article.body[:_TELLING_CHARACTERS]}").stems]
