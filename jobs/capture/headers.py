"""Requests that begin with a header line: found and set apart, since the header decides the order of its columns.

The endpoint's own rule says what a header is (`jobs.serving.rows`). Asking it for every record would cost more than
reading them, so it is asked where a header is possible: when the first record has one, and for columns where a header
would pass for a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.capture.payloads import Header, Surprise
from jobs.capture.shape import Shape
from jobs.encoding.text import composed
from jobs.serving.rows import Refused, read_table

Places = npt.NDArray[np.int64]


def by_header(texts: Any, places: Places, shape: Shape) -> Iterator[tuple[Header | None, Places]]:
    """The records at `places` by the header of their request. `texts`: the requests, a pyarrow string array."""
    chosen = texts.take(pa.array(places))
    while len(places):
        header = _first_header(chosen, shape)
        if header is None:
            yield None, places
            return
        has_it = pc.starts_with(chosen, header.line.decode()).to_numpy(zero_copy_only=False)
        if not has_it.any():
            raise Surprise
        yield header, places[has_it]
        places, chosen = places[~has_it], chosen.filter(pa.array(~has_it))


def _first_header(texts: Any, shape: Shape) -> Header | None:
    looked_at = texts if shape.names_pass_for_values else texts.slice(0, 1)
    known = {*shape.columns, shape.target}
    for text in looked_at.to_pylist():
        line, newline, _ = text.partition("\n")
        if newline and composed(line.partition(",")[0]).strip(' "\r') in known:
            header = header_of(line, shape)
            if header is not None:
                return header
    return None


def header_of(line: str, shape: Shape) -> Header | None:
    """A line as a header; None where it is a row. Raises Surprise where the endpoint would take it for neither."""
    try:
        table = read_table(f"{line}\n{',' * line.count(',')}", "text/csv", list(shape.columns), shape.target)
    except Refused:
        raise Surprise from None
    return Header(f"{line}\n".encode(), tuple(table.columns)) if len(table.rows) == 1 else None
