"""A request without what differs from one relay to the next: times, ids, names of datasets, counts.

What is left is what the code decides, so that two requests of one kind are the same and a golden file holds each kind
once. A document of ours that travels in a request is reduced to its keys: its content has tests of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tests.requests.recorder import Sent

_PLAIN = [
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d[:-]\d\d[:-]\d\d(\.\d+)?(Z|\+00:00)?"), "<time>"),
    (re.compile(r"\d{4}/\d\d/\d\d/\d\d\b"), "<hour>"),
    (re.compile(r"<hour>/\d\d-\d\d-\d{3}-"), "<hour>/<moment>-"),
    (re.compile(r"code/[0-9a-f]{12}"), "code/<version>"),
    (re.compile(r"(-tune-\d+-\d{3})-[0-9a-f]{8}"), r"\1-<trial>"),
    (re.compile(r"(-(?:drift|drill|quality|score|test)-)\d+-[0-9a-f]{6}-"), r"\1<ordinal>-<mark>-"),
    (re.compile(r"(-(?:drift|drill|quality|score|test)-)\d+\b"), r"\1<ordinal>"),
    (re.compile(r"(predictions/<dataset>/)[0-9a-f]{12}\b"), r"\1<upload>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<etag>"),
    (re.compile(r"(?<=relay\.yaml#)[0-9a-f]{16}"), "<fingerprint>"),
    (re.compile(r"\b[01]\.\d{3,4}\b"), "<figure>"),
    (re.compile(r"\b10,?0\d\d\b"), "<rows>"),
]
_COUNTED = {"version", ":read", "records"}
"""Numbers of DynamoDB's that count writes, or what there is."""


def plain(sent: Sent, datasets: Iterable[str]) -> Any:
    """The request, as its golden file has it."""
    return _Plain(datasets).value(sent.parameters)


class _Plain:
    """One request's replacements: its runs are numbered in the order in which it names them."""

    def __init__(self, datasets: Iterable[str]) -> None:
        names = "|".join(sorted(map(re.escape, datasets), key=len, reverse=True))
        self._run = re.compile(rf"\b({names})-([0-9a-f]{{8}})\b")
        self._dataset = re.compile(rf"(?<![a-z])({names})(?![a-z])")
        self._runs: dict[str, str] = {}

    def value(self, value: Any, key: str = "") -> Any:
        match value:
            case str():
                return self._text(value, key)
            case bytes():
                return self._body(value)
            case datetime():
                return "<time>"
            case Mapping():
                if key in _COUNTED and "N" in value:
                    return {"N": "<count>"}
                return {self._words(name): self.value(item, self._inner(key, name)) for name, item in value.items()}
            case list():
                return [self.value(item, key) for item in value]
        return value

    def _inner(self, outer: str, name: str) -> str:
        """What a value is called; DynamoDB's own type names (`{"S": ...}`) are not it."""
        return outer if name in {"S", "N", "M", "L"} else name

    def _text(self, text: str, key: str) -> Any:
        if key == "document":
            return "<the record>"
        return sorted(json.loads(text)) if key == "Message" else self._words(text)

    def _words(self, text: str) -> str:
        text = self._run.sub(lambda found: self._runs.setdefault(found[0], f"<run {len(self._runs) + 1}>"), text)
        text = self._dataset.sub("<dataset>", text)
        for pattern, word in _PLAIN:
            text = pattern.sub(word, text)
        return text

    def _body(self, body: bytes) -> Any:
        return sorted(json.loads(body)) if body.startswith(b"{") else "<text>"
