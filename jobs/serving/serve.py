"""The one container of an ensemble: raw rows in, labels in the user's own words out.

Loaded by the XGBoost container as a user script, from the archive that training wrote. The container decodes CSV and
JSON bodies to text before calling, other types arrive as bytes; it runs several worker processes, each with its own
`model_fn`.
"""

from dataclasses import dataclass
from typing import Any

from jobs.encoding import UnreadableCellError
from jobs.ensemble.model import Ensemble
from jobs.serving import capture
from jobs.serving.answers import chosen_format, write_answers
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
    """(answers, media type), or a Flask response with status 400, 406 or 415 that says what is wrong and where."""
    answered = _answered(served.ensemble, data, content_type, accept)
    if served.capture and isinstance(answered, tuple) and served.capture.wanted():
        answer, media = answered
        served.capture.add(capture.Observation(data, content_type, answer, media, capture.headers()))
    return answered


def _answered(model: Ensemble, data: str | bytes, content_type: str, accept: str) -> Any:
    try:
        media = chosen_format(accept)
        table = read_table(data, content_type, model.columns, model.schema["target"])
        scores = model.scores(model.encode(table.columns, table.rows))
        if model.classes is None:
            return write_answers(scores, None, media, interval=model.interval_around(scores)), media
        return write_answers(scores, model.classes, media, labels=model.labels(scores)), media
    except UnreadableCellError as error:
        return response(Refused(str(error)))
    except Refused as refused:
        return response(refused)
    except Exception as error:  # noqa: BLE001 - whatever it is, the container would log its message
        raise UnexpectedError(error) from None
