from random import Random

import pytest

from shared.search.duplicates import (
    BANDS,
    FEWEST_TOKENS,
    MOST_TOKENS,
    are_copies,
    bands_of,
    oldest,
    signature_of,
    similarity,
)

VOCABULARY = [f"শব্দ{number}" for number in range(20_000)]


def texts(count: int, seed: int = 1) -> list[list[str]]:
    """Texts that share topics and frequent words, as articles do."""
    random = Random(seed)
    topics = [random.sample(VOCABULARY, 60) for _ in range(20)]

    def word(topic: list[str]) -> str:
        if random.random() < 0.3:
            return random.choice(topic)
        return VOCABULARY[min(int(random.paretovariate(1.0)) * 3, len(VOCABULARY) - 1)]

    return [[word(random.choice(topics[:3])) for _ in range(350)] for _ in range(count)]


def edited(text: list[str], share: float, seed: int) -> list[str]:
    random = Random(seed)
    return [word if random.random() > share else random.choice(VOCABULARY) for word in text]


def signature(text: list[str]) -> bytes:
    found = signature_of(text)
    assert found is not None
    return found


@pytest.mark.parametrize(("share", "kept", "recall"), [(0.05, 1.0, 1.0), (0.15, 1.0, 0.97), (0.05, 0.6, 0.97)])
def test_edited_and_cut_copies_are_found(share: float, kept: float, recall: float) -> None:
    originals = texts(60)
    found = 0
    for number, text in enumerate(originals):
        one, other = signature(text), signature(edited(text, share, number)[: int(len(text) * kept)])
        found += are_copies(one, other) and not set(bands_of(one)).isdisjoint(bands_of(other))
    assert found / len(originals) >= recall


def test_articles_on_one_topic_are_no_copies() -> None:
    signatures = [signature(text) for text in texts(60)]
    pairs = [(one, other) for index, one in enumerate(signatures) for other in signatures[:index]]
    assert not any(are_copies(one, other) for one, other in pairs)


def test_likeness_is_the_same_in_both_directions() -> None:
    one, other = map(signature, texts(2))
    assert similarity(one, one) == 1.0
    assert similarity(one, other) == similarity(other, one) < 0.3
    assert len(set(bands_of(one))) == BANDS


def test_short_texts_have_no_signature() -> None:
    assert signature_of(["কথা"] * (FEWEST_TOKENS - 1)) is None
    assert signature_of(["কথা"] * FEWEST_TOKENS) is not None


def test_of_endless_texts_the_opening_decides() -> None:
    text = texts(1)[0] * (MOST_TOKENS // 350 + 1)
    assert signature(text) == signature([*text, "আরও", "কথা"])


def test_the_oldest_names_the_cluster() -> None:
    assert oldest([(5, "b"), (3, "z"), (3, "c")]) == (3, "c")
