"""How hard a pattern's wildcards are to match, counted as EventBridge counts: by the most beginnings of wildcards that
one text can match at once (aws/event-ruler, MachineComplexityEvaluator). AWS refuses a rule of more than ten as "too
complex" and the stack with it; it does not publish the number, but people met it (four of the form *:stack/x/* were
refused where three were accepted), and the ruler's README suggests it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MOST = 10
ANY = "*"
_Place = tuple[int, int]
"""Which wildcard, and how much of it was matched."""


def complexity(wildcards: list[str]) -> int:
    """The most beginnings that a text can match at once, found by trying every text that matters.

    >>> [complexity([one]) for one in ("*", "*ab", "*aa", "a*bb", "*ab*d")]
    [1, 2, 3, 3, 3]
    """
    letters = sorted({letter for one in wildcards for letter in one if letter != ANY} | {"\\0"})
    start = frozenset(_closed({(which, 0) for which in range(len(wildcards))}, wildcards))
    seen, waiting, most = {start}, [start], 0
    while waiting:
        places = waiting.pop()
        for letter in letters:
            after = frozenset(_closed(set(_moved(places, letter, wildcards)), wildcards))
            most = max(most, len(after))
            if after and after not in seen:
                seen.add(after)
                waiting.append(after)
    return most


def _moved(places: frozenset[_Place], letter: str, wildcards: list[str]) -> Iterator[_Place]:
    for which, matched in places:
        text = wildcards[which]
        if matched and text[matched - 1] == ANY:
            yield which, matched
        if matched < len(text) and text[matched] == letter:
            yield which, matched + 1


def _closed(places: set[_Place], wildcards: list[str]) -> set[_Place]:
    """A star matches nothing, too."""
    found = set(places)
    for which, matched in places:
        if matched < len(wildcards[which]) and wildcards[which][matched] == ANY:
            found.add((which, matched + 1))
    return found


def of_pattern(pattern: Mapping[str, Any]) -> int:
    """The worst field of an event pattern."""
    return max((complexity(one) for one in _fields(pattern)), default=0)


def _fields(pattern: Mapping[str, Any]) -> Iterator[list[str]]:
    for value in pattern.values():
        if isinstance(value, Mapping):
            yield from _fields(value)
        else:
            yield [one["wildcard"] for one in value if isinstance(one, Mapping) and "wildcard" in one]
