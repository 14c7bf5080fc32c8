"""What a batch transform makes of an object's bytes: records, requests, and a file again. Pure.

Lines are cut at newlines and nowhere else, as AWS cuts them, whatever quotation marks stand in them. A filter is the
part of JSONPath that SageMaker has: `$`, members by name, places by number from either end, lists and slices of them.
For CSV it chooses columns, and no line is a header.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MEGABYTE = 1 << 20
_STEP = re.compile(r"\.(?P<member>[A-Za-z_][\w-]*)|\[(?P<inside>[^\[\]]+)\]")
_SLICE = re.compile(r"(-?\d+)?:(-?\d+)?")
CSV, JSON, LINES = "text/csv", "application/json", "application/jsonlines"


class BadRecordError(Exception):
    """An object that cannot be transformed; the words stand in the job's log."""


@dataclass(frozen=True)
class Filter:
    """A JSONPath, taken apart; `steps` are names, numbers, lists of either, and slices."""

    steps: tuple[Any, ...] = ()

    @classmethod
    def read(cls, path: str) -> Filter:
        """Raises ValueError for what SageMaker has not.

        >>> Filter.read("$[0,-2,-1]").steps, Filter.read("$.a['b'][1:]").steps
        (([0, -2, -1],), ('a', 'b', slice(1, None, None)))
        """
        if not path.startswith("$"):
            raise ValueError(f"{path} does not begin with $")
        steps, at = [], 1
        while at < len(path):
            found = _STEP.match(path, at)
            if found is None:
                raise ValueError(f"{path} cannot be read from character {at + 1} on")
            steps.append(found["member"] or _inside(found["inside"].strip()))
            at = found.end()
        return cls(tuple(steps))

    def of(self, value: Any) -> Any:
        """What it chooses of a record. Raises BadRecordError where that is not there."""
        for step in self.steps:
            try:
                value = _chosen(value, step)
            except (KeyError, IndexError, TypeError) as error:
                raise BadRecordError(f"a filter finds nothing in a record: {error!r}") from None
        return value


def _inside(text: str) -> Any:
    if found := _SLICE.fullmatch(text):
        return slice(*(int(end) if end else None for end in found.groups()))
    parts = [_name_or_place(part.strip()) for part in text.split(",")]
    return parts if len(parts) > 1 else parts[0]


def _name_or_place(text: str) -> str | int:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return int(text)


def _chosen(value: Any, step: Any) -> Any:
    if isinstance(step, list):
        return {name: value[name] for name in step} if isinstance(value, dict) else [value[place] for place in step]
    if isinstance(step, slice) and not isinstance(value, list):
        raise TypeError("no list")
    return value[step]


@dataclass(frozen=True)
class Processing:
    """DataProcessing of a request, for records of one media type; `join` puts input and output into one."""

    media: str
    before: Filter = Filter()
    after: Filter = Filter()
    join: bool = False

    @property
    def looks_at_answers(self) -> bool:
        return self.join or bool(self.after.steps)

    def asked(self, record: bytes) -> bytes:
        """The record as the model is asked about it."""
        return record if not self.before.steps else self._written(self.before.of(self._read(record)))

    def answered(self, record: bytes, answer: bytes) -> bytes:
        """The record as it stands in the result."""
        said = self._read(answer)
        if self.join:
            said = self._joined(self._read(record), said)
        return self._written(self.after.of(said))

    def _joined(self, record: Any, said: Any) -> Any:
        if self.media == CSV:
            return [*record, *said]
        if isinstance(record, dict):
            return {**record, "SageMakerOutput": said}
        return {"SageMakerInput": record, "SageMakerOutput": said}

    def _read(self, text: bytes) -> Any:
        try:
            written = text.decode("utf-8")
            return next(csv.reader([written]), []) if self.media == CSV else json.loads(written)
        except (ValueError, csv.Error) as error:
            raise BadRecordError(f"a record is no {self.media}: {error}") from None

    def _written(self, value: Any) -> bytes:
        if self.media != CSV:
            return json.dumps(value, ensure_ascii=False).encode()
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(value if isinstance(value, list) else [value])
        return out.getvalue().encode()


def records(body: bytes, split: str) -> list[bytes]:
    """The records of an object: its lines, or all of it as one."""
    if split == "None":
        return [body]
    return [line.removesuffix(b"\r") for line in body.removesuffix(b"\n").split(b"\n")] if body else []


def requests(given: Sequence[bytes], strategy: str, largest: int) -> Iterator[list[bytes]]:
    """The records of each request, which has `largest` bytes at most. Raises BadRecordError for a record of more."""
    pending: list[bytes] = []
    size = 0
    for record in given:
        if len(record) > largest:
            raise BadRecordError(f"a record of {len(record):,} bytes is larger than MaxPayloadInMB allows")
        if pending and (strategy == "SingleRecord" or size + len(record) + 1 > largest):
            yield pending
            pending, size = [], 0
        pending.append(record)
        size += len(record) + 1
    if pending:
        yield pending


def results(asked: Sequence[bytes], answer: bytes, processing: Processing) -> list[bytes]:
    """What stands in the result for these records. Raises BadRecordError where answers cannot be told apart."""
    if not processing.looks_at_answers:
        return [answer]
    answers = [answer] if len(asked) == 1 and processing.media == JSON else records(answer, "Line")
    if len(answers) != len(asked):
        raise BadRecordError(f"{len(asked):,} records were answered with {len(answers):,} lines")
    return [processing.answered(record, said) for record, said in zip(asked, answers, strict=True)]


def assembled(given: Sequence[bytes], how: str) -> bytes:
    """One file of all results: each on lines of its own, or one behind the other as they are."""
    return b"".join(one.removesuffix(b"\n") + b"\n" for one in given) if how == "Line" else b"".join(given)
