"""JSON in the bucket: its moments, and reading it so that whatever lies there instead is an answer.

It may be no UTF-8, cut off, nested too deep. Python's own reader ends in three different errors for those, one of which
is no ValueError and would pass every reader.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any


def parsed(text: bytes) -> Any:
    """The document. Raises ValueError for whatever is none, with a sentence that quotes nothing of it.

    >>> parsed(b'{"rows": 3}')
    {'rows': 3}
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"it is no UTF-8: byte {error.start} cannot be read") from None
    except RecursionError:
        raise ValueError("its brackets are nested too deep") from None


def mapping(text: bytes | None) -> dict[str, Any] | None:
    """The document where it is an object; None for everything else, also for no text at all.

    >>> mapping(b"[]"), mapping(bytes([255])), mapping(None), mapping(b"{}")
    (None, None, None, {})
    """
    try:
        document = None if text is None else parsed(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def moment(time: datetime) -> str:
    """A moment of UTC as documents have it.

    >>> moment(datetime(2026, 11, 22, 10, 0))
    '2026-11-22T10:00:00Z'
    """
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
