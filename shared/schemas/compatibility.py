"""Finds out whether a changed schema still takes every event that the old one took."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

# keyword -> is the new bound tighter than the old one?
_BOUNDS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "maxLength": lambda old, new: new < old,
    "maxItems": lambda old, new: new < old,
    "maximum": lambda old, new: new < old,
    "minLength": lambda old, new: new > old,
    "minItems": lambda old, new: new > old,
    "minimum": lambda old, new: new > old,
}
_LOOSEST: Final = {"max": float("inf"), "min": float("-inf")}
_EXACT: Final = ("pattern", "format", "const", "enum")


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """What `new` no longer takes of what `old` took, each with its path; empty when the change only adds.

    Understands what the event models use: objects, arrays, `anyOf`, `$ref` within the document, bounds, patterns,
    formats, constants.
    """
    return list(_compare(old, new, _Documents(old, new), "$"))


class _Documents:
    """Follows references in either document."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old = old
        self._new = new

    def resolve(self, old: Schema, new: Schema) -> tuple[Schema, Schema]:
        return _resolved(old, self._old), _resolved(new, self._new)


def _resolved(schema: Schema, document: Schema) -> Schema:
    while "$ref" in schema:
        target: Any = document
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def _compare(old: Schema, new: Schema, documents: _Documents, path: str) -> Iterator[str]:
    old, new = documents.resolve(old, new)
    if "anyOf" in old or "anyOf" in new:
        yield from _compare_alternatives(old, new, documents, path)
        return
    if old.get("type") != new.get("type"):
        yield f"{path}: type {old.get('type')} became {new.get('type')}"
        return
    for keyword in _EXACT:
        if new.get(keyword) is not None and new.get(keyword) != old.get(keyword):
            yield f"{path}: {keyword} {old.get(keyword)} became {new[keyword]}"
    for keyword, is_tighter in _BOUNDS.items():
        if keyword in new and is_tighter(old.get(keyword, _LOOSEST[keyword[:3]]), new[keyword]):
            yield f"{path}: {keyword} {old.get(keyword, 'none')} became {new[keyword]}"
    yield from _compare_properties(old, new, documents, path)
    if "items" in old and "items" in new:
        yield from _compare(old["items"], new["items"], documents, f"{path}[]")


def _compare_properties(old: Schema, new: Schema, documents: _Documents, path: str) -> Iterator[str]:
    old_properties, new_properties = old.get("properties", {}), new.get("properties", {})
    for name in old_properties:
        if name not in new_properties:
            yield f"{path}.{name}: is gone"
        else:
            yield from _compare(old_properties[name], new_properties[name], documents, f"{path}.{name}")
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"{path}.{name}: became required"
    if new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
        yield f"{path}: other fields are refused now"
    for names in sorted(set(old.get("patternProperties", {})) - set(new.get("patternProperties", {}))):
        yield f"{path}: fields named {names} are refused now"


def _compare_alternatives(old: Schema, new: Schema, documents: _Documents, path: str) -> Iterator[str]:
    """Each old alternative must still be taken by one of the new ones."""
    new_alternatives = new.get("anyOf", [new])
    for alternative in old.get("anyOf", [old]):
        faults = [list(_compare(alternative, candidate, documents, path)) for candidate in new_alternatives]
        if all(faults):
            yield min(faults, key=len)[0]
