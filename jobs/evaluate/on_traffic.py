"""Last week as the exam: what the candidate says of captured requests, beside what their callers were told.

Test rows have the true answer, captured ones have not; but they are what is asked today, from whomever it comes. How
many answers a promotion would change is told before it, and nothing hangs on it: whether a change is for the better,
only labels know. The candidate is asked in this process, from its archives; or through its endpoint, where its own
image alone can read them. The live model is not asked again, because the record has its answer. Bounded in files, bytes
and rows. Whatever goes wrong becomes a sentence.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.algorithms import ImportanceError
from jobs.capture import Batch, Shape, Tally, Which, read
from jobs.capture.fetch import fetched
from jobs.capture.recent import MOST_BYTES, recent
from jobs.documents.context import Traffic
from jobs.documents.evaluation import OnTraffic
from jobs.evaluate import best
from jobs.evaluate.answers import UnreadableAnswerError
from jobs.evaluate.captured_rows import asked
from jobs.evaluate.endpoint import EndpointError
from jobs.evaluate.exam import Captured, Exam, Mark, document, nothing, why_not
from jobs.evaluate.permutation import Cells, chosen
from jobs.evaluate.through_endpoint import Ask
from jobs.metrics.confusion import FloatArray
from jobs.refusals import Refusal, told, traced
from jobs.schema import Schema

MOST_READ, MOST_ASKED = 50_000, 10_000
"""Rows that are read, and those of them that are asked: a share of so many is known to a percentage point."""


@dataclass(frozen=True)
class Sitting:
    """Whose exam it is: the candidate's schema and archives, the live model's schema, the period, and what is told
    beside it."""

    schema: Schema
    archives: best.Archives
    live: Schema
    mark: Mark
    is_batch: bool = False
    """Whether the live model has no endpoint, so that no traffic is nothing to tell of."""
    outside: Ask | None = None
    """Asks the candidate's endpoint, for an archive that its own image alone can read."""


def on_traffic(given: Traffic | None, sitting: Sitting | None, s3: Callable[[], Any]) -> OnTraffic | None:
    """The key `on_traffic` of evaluation.json; None where there is no live model that answers callers."""
    if given is None or sitting is None:
        return None
    if why := why_not(sitting.live, sitting.schema):
        return nothing(why)
    started = time.monotonic()
    try:
        captured = _captured(given, sitting, s3())
        found = _sat(captured, sitting) if captured.rows else _no_rows(captured, sitting)
    except (Refusal, best.UnfitError) as refusal:
        return nothing(f"It could not be asked about captured traffic. {getattr(refusal, 'sentence', refusal)}")
    except Exception as failure:  # noqa: BLE001 - nothing hangs on it, and the run does
        print(traced(failure), file=sys.stderr, flush=True)
        return nothing(f"It could not be asked about captured traffic: {told(failure)}")
    print(f"asked about captured traffic, {time.monotonic() - started:.1f} s", flush=True)
    return found


def _no_rows(captured: Captured, sitting: Sitting) -> OnTraffic | None:
    return None if sitting.is_batch and not captured.tally.records else nothing(captured.why_empty)


def _captured(given: Traffic, sitting: Sitting, client: Any) -> Captured:
    """Some of the traffic that the live model has answered."""
    since, until = datetime.fromisoformat(given["since"]), datetime.fromisoformat(given["until"])
    files = recent(client, given["bucket"], given["prefix"], since, until)
    shape, which = Shape.raw(sitting.live), Which(promoted=since)
    with closing(fetched(client, given["bucket"], files)) as parts:
        return gathered(read(_first(parts, 2 * MOST_BYTES), shape, which), shape)


def _first(parts: Iterable[tuple[str, bytes]], most: int) -> Iterator[tuple[str, bytes]]:
    """The files that begin within so many bytes."""
    taken, last = 0, ""
    for file, part in parts:
        if taken >= most and file != last:
            return
        taken, last = taken + len(part), file
        yield file, part


def gathered(batches: Iterable[Batch], shape: Shape) -> Captured:
    """The answered rows of these batches, as far as they are wanted, and the account of all that was read."""
    tables, said, tally = list[Any](), list[Any](), Tally()
    for batch in batches:
        tally += batch.tally
        if batch.rows and batch.predicted is not None:
            tables.append(pa.table({name: _text(column) for name, column in batch.columns.items()}))
            said.append(batch.predicted if shape.classes is None else np.asarray(batch.predicted.indices))
        if sum(len(one) for one in said) >= MOST_READ:
            break
    if not said:
        return Captured(pa.table({}), np.zeros(0), shape.classes, tally)
    table, answers = pa.concat_tables(tables), np.concatenate(said)
    places = chosen(len(answers), MOST_ASKED)
    return Captured(table.take(pa.array(places)), answers[places], shape.classes, tally)


def _text(column: Any) -> Any:
    return column.cast(pa.string()) if isinstance(column, pa.Array) else pa.array(column, pa.string())


def _sat(captured: Captured, sitting: Sitting) -> OnTraffic:
    with tempfile.TemporaryDirectory() as folder:
        try:
            model = best.read(sitting.archives, Path(folder))
        except ImportanceError as closed:
            model = _through_endpoint(sitting, str(closed))
        found = asked(model, captured.cells)
    return document(Exam(captured.take(found.places), found.scores, model, found.refused), sitting.mark)


def _through_endpoint(sitting: Sitting, why: str) -> best.Model:
    """The candidate, whose label is the likelier class. Raises UnfitError where there is no endpoint."""
    outside = sitting.outside
    if outside is None:
        raise best.UnfitError(why)

    def scores(names: list[str], rows: Cells) -> FloatArray:
        try:
            return outside(names, [[cell or "" for cell in row] for row in rows])
        except (EndpointError, UnreadableAnswerError):  # whose words may quote a caller's cell
            raise best.UnfitError("Its endpoint did not answer these rows.") from None

    return best.Model(sitting.schema, scores, lambda found: found.argmax(axis=1))
