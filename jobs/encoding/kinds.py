"""The kinds of encoding by their names in encoder.json, and how each is written there and read back."""

from dataclasses import asdict
from typing import Any

from jobs.encoding.columns import Boolean, Encoding, Numeric, Padding
from jobs.encoding.grams import NGrams
from jobs.encoding.moments import Clock, Date, Elapsed
from jobs.encoding.words import Codes, Frequency, OneHot, TargetMean

AnyEncoding = Encoding | Elapsed
"""An encoding of one raw column, or the one of two."""
_ALL = (Numeric, Padding, Boolean, Date, Clock, Elapsed, OneHot, TargetMean, Frequency, Codes, NGrams)
_KINDS: dict[str, type[Any]] = {kind.kind: kind for kind in _ALL}


def to_document(encoding: AnyEncoding) -> dict[str, Any]:
    """The encoding as JSON-ready data."""
    return {"kind": encoding.kind, **asdict(encoding)}  # type: ignore[arg-type]


def from_document(document: dict[str, Any]) -> AnyEncoding:
    """The encoding that `to_document` wrote.

    >>> from_document(to_document(Numeric("age")))
    Numeric(column='age', missing_words=())
    """
    values = {key: _frozen(value) for key, value in document.items() if key != "kind"}
    encoding: AnyEncoding = _KINDS[document["kind"]](**values)
    return encoding


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
