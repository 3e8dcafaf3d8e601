"""Every form of the common verbs, built from stems and endings, with its verbal noun (করেছিলেন: করা).

A list of forms rather than endings to cut: verb endings are ends of nouns too often (বাড়ি, ছুটি, পরিবার).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from shared.bengali.lexicon import rows_of


@cache
def verb_forms() -> Mapping[str, str]:
    """Form to verbal noun. Where two verbs share a form, the one that comes first in verbs.tsv has it."""
    endings = _endings()
    homographs = frozenset(row[0] for row in rows_of("verb_homographs.tsv"))
    forms: dict[str, str] = {}
    for kind, noun, open_stem, closed_stem, perfect_stem, remarks in rows_of("verbs.tsv"):
        stems = {"open": open_stem, "closed": closed_stem, "perfect": perfect_stem}
        if "old" in remarks:
            # The literary style keeps the full vowel: লিখিয়া from the closed stem, যাইয়া from the open one.
            stems["old"] = open_stem if kind == "vowel" else closed_stem
        for form in _paradigm(endings[kind], stems):
            if form not in homographs:
                forms.setdefault(form, form if "apart" in remarks else noun)
    return forms


def _endings() -> dict[str, dict[str, list[str]]]:
    endings: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for kind, stem, list_of_endings in rows_of("verb_endings.tsv"):
        endings[kind][stem] = list_of_endings.split(" ")
    return endings


def _paradigm(endings: Mapping[str, list[str]], stems: Mapping[str, str]) -> Iterator[str]:
    for name, stem in stems.items():
        yield from (stem + ending for ending in endings.get(name, ()))
