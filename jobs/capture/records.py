"""One capture record as data, and which records count.

The custom attribute `sagerelay=…` marks what SageRelay itself sent: the evaluation of a candidate, a drill, rows that a
person has explained again. Rows that a user had scored are marked, too, and count as traffic all the same: they are
what the model is used for. Callers use custom attributes too, so it may stand among others, in a list or in one string.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jobs.capture.tally import DRILL, EARLIER, EVALUATION, TRAFFIC
from jobs.serving.headers import id_among

_HALF = re.compile("[\ud800-\udfff]")
SCORED = "score-"
"""What the mark of rows begins with that a user had scored."""
_OURS = re.compile(r"(?:^|[\s,;&\"'])sagerelay=([\w-]+)")


class Unusable(Exception):  # noqa: N818  what is wrong with a record, not with the program
    """A record or a side of it that cannot be read: a code of `codes.KINDS`, and a detail without the user's data."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Side:
    """A request or an answer: its text, and its media type without parameters."""

    text: str
    media: str
    was_base64: bool = False


@dataclass(frozen=True)
class Which:
    """Which records count: of a drill only its own; otherwise users' traffic, and unless `keep_all` only what was
    answered since `promoted`."""

    promoted: datetime | None = None
    drill: str | None = None
    keep_all: bool = False

    def left_out(self, marks: Iterable[str], moment: datetime | None) -> str | None:
        """Why a record does not count; None if it does. `marks`: the values of its attributes `sagerelay=`."""
        found = set(marks)
        if self.drill is not None:
            if f"drill-{self.drill}" in found:
                return None
            return _kind(found) if found else TRAFFIC
        if found:
            return _kind(found)
        early = self.promoted is not None and moment is not None and moment < self.promoted
        return EARLIER if early and not self.keep_all else None


def _kind(marks: set[str]) -> str:
    return DRILL if any(mark.startswith("drill-") for mark in marks) else EVALUATION


def marks(attributes: Any) -> list[str]:
    """The values of `sagerelay=` in custom attributes, however they are held, but for those of scored rows.

    >>> marks(["trace=7", "a=1,sagerelay=drill-x"]), marks("sagerelay=evaluation"), marks(None)
    (['drill-x'], ['evaluation'], [])
    >>> marks(["sagerelay=score-1a2b3c4d"])
    []
    """
    found = (mark for text in _texts(attributes) for mark in _OURS.findall(text))
    return [mark for mark in found if not mark.startswith(SCORED)]


def _texts(attributes: Any) -> list[str]:
    """Custom attributes as they may be held: several, one, or what is none."""
    held = attributes if isinstance(attributes, list) else [attributes]
    return [text for text in held if isinstance(text, str)]


def own_id(about: dict[str, Any]) -> Any:
    """The id of a request, of its `eventMetadata`: what its caller gave, as InferenceId or among the custom attributes
    (which SageMaker hands on where it may not hand on the other), else that of the event.

    >>> own_id({"inferenceId": "a", "customAttributes": ["inference-id=b"], "eventId": "c"})
    'a'
    >>> own_id({"customAttributes": ["trace=7", "inference-id=b"], "eventId": "c"}), own_id({"eventId": "c"})
    ('b', 'c')
    """
    return about.get("inferenceId") or id_among(",".join(_texts(about.get("customAttributes")))) or about.get("eventId")


def moment(text: Any) -> datetime | None:
    """An inference time, UTC; None where there is none that can be read.

    >>> moment("2022-02-14T17:25:49Z").isoformat(), moment("{%s}")
    ('2022-02-14T17:25:49+00:00', None)
    """
    if not isinstance(text, str):
        return None
    try:
        read = datetime.fromisoformat(text)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter where UTC is in another year than 1 to 9999
        return None


def is_text(text: str) -> bool:
    """Whether it can be written as UTF-8: half a surrogate pair, which JSON lets through as an escape, cannot."""
    return text.isascii() or not _HALF.search(text)


def parsed(line: bytes) -> dict[str, Any]:
    """A line as a capture record. Raises Unusable."""
    try:
        document: Any = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        code = "truncated" if line.startswith(b"{") and not line.rstrip().endswith(b"}") else "not-json"
        raise Unusable(code) from None
    capture = document.get("captureData") if isinstance(document, dict) else None
    if not isinstance(capture, dict):
        raise Unusable("not-a-record")
    record: dict[str, Any] = document
    return record


def side(record: dict[str, Any], name: str) -> Side | None:
    """A record's `endpointInput` or `endpointOutput` as text; None where it was not captured. Raises Unusable."""
    found = record["captureData"].get(name)
    if not isinstance(found, dict) or not isinstance(found.get("data"), str):
        return None
    media = str(found.get("observedContentType") or "").partition(";")[0].strip().lower()
    encoding, text = str(found.get("encoding") or "CSV").upper(), found["data"]
    if encoding == "BASE64":
        try:
            return Side(base64.b64decode(text, validate=True).decode("utf-8-sig"), media or "text/csv", was_base64=True)
        except (binascii.Error, ValueError):
            raise Unusable("undecodable") from None
    if encoding == "CSV" or not media:
        media = "text/csv"
    return Side(text, media)
