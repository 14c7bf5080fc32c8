"""The one container of an ensemble: raw rows in, labels in the user's own words out.

Loaded by the XGBoost container as a user script, from the archive that training wrote. The container decodes CSV and
JSON bodies to text before calling, other types arrive as bytes; it runs several worker processes, each with its own
`model_fn`.
"""

from dataclasses import dataclass
from typing import Any

from jobs.encoding import UnreadableCellError
from jobs.encoding.columns import Floats
from jobs.ensemble.model import Ensemble
from jobs.serving import capture
from jobs.serving.answers import chosen_format, write_answers
from jobs.serving.explanations import TOO_OLD, answered_as, check_rows, explanations, undefined
from jobs.serving.headers import headers, wants_explanation
from jobs.serving.refusal import UnexpectedError, response
from jobs.serving.rows import Refused, read_table


@dataclass(frozen=True)
class Served:
    """A model, and what captures its traffic where nobody else does."""

    ensemble: Ensemble
    capture: capture.Capture | None


def model_fn(model_dir: str) -> Served:
    """The model archive, unpacked."""
    return Served(Ensemble.read(model_dir), capture.of_environment())


def transform_fn(served: Served, data: str | bytes, content_type: str, accept: str) -> Any:
    """(answers, media type), or a Flask response with status 400, 406, 413 or 415 that says what is wrong and where."""
    said = headers()
    answered = _answered(served.ensemble, data, content_type, accept, explain=wants_explanation(said))
    if served.capture and isinstance(answered, tuple) and served.capture.wanted():
        answer, media = answered
        served.capture.add(capture.Observation(data, content_type, answer, media, said))
    return answered


def _answered(model: Ensemble, data: str | bytes, content_type: str, accept: str, *, explain: bool) -> Any:
    try:
        media = chosen_format(accept)
        table = read_table(data, content_type, model.columns, model.schema["target"])
        matrix = model.encode(table.columns, table.rows)
        explained = _explained(model, matrix) if explain else None
        media = answered_as(media) if explain else media
        scores = model.scores(matrix)
        interval, labels = model.interval_around(scores), None if model.classes is None else model.labels(scores)
        return write_answers(scores, model.classes, media, labels=labels, interval=interval, explained=explained), media
    except UnreadableCellError as error:
        return response(Refused(str(error)))
    except Refused as refused:
        return response(refused)
    except Exception as error:  # noqa: BLE001 - whatever it is, the container would log its message
        raise UnexpectedError(error) from None


def _explained(model: Ensemble, matrix: Floats) -> list[str]:
    """Of each row what its columns add to its answer. Raises `Refused` where so many rows would take too long."""
    if not model.rows_explained:
        return undefined(TOO_OLD, len(matrix))
    check_rows(len(matrix), model.rows_explained)
    found = model.contributions(matrix)
    return explanations(found.base, found.parts, model.input_columns, model.classes)
