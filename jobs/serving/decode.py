"""Last container of the pipeline: the algorithm's numbers in, labels in the user's own words out.

Loaded by the XGBoost container as a user script, from the same archive as encode.py. It has the algorithm's numbers and
not the row, so of a caller who wants an answer explained it says that it cannot.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.serving.answers import chosen_format, read_scores, write_answers
from jobs.serving.explanations import NOT_IN_A_PIPELINE, answered_as, undefined
from jobs.serving.headers import headers, wants_explanation
from jobs.serving.refusal import UnexpectedError, response
from jobs.serving.rows import Refused


@dataclass(frozen=True)
class Model:
    """The user's class names by encoded label; None for regression."""

    classes: list[str] | None

    @property
    def width(self) -> int:
        """Numbers a row in the algorithm's answer: one a class where there are more than two."""
        return len(self.classes) if self.classes is not None and len(self.classes) > 2 else 1


def model_fn(model_dir: str) -> Model:
    """Read schema.json, which lies in the model archive."""
    schema = json.loads(Path(model_dir, "schema.json").read_text(encoding="utf-8"))
    return Model(schema["classes"])


def transform_fn(model: Model, data: str | bytes, content_type: str, accept: str) -> Any:
    """(answers, media type), or a Flask response with status 406 for a format nobody knows."""
    try:
        media = chosen_format(accept)
    except Refused as refused:
        return response(refused)
    explain = wants_explanation(headers())
    media = answered_as(media) if explain else media
    try:
        scores = read_scores(data, content_type, model.width)
        explained = undefined(NOT_IN_A_PIPELINE, len(scores)) if explain else None
        return write_answers(scores, model.classes, media, explained=explained), media
    except Exception as error:  # noqa: BLE001 - whatever it is, the container would log its message
        raise UnexpectedError(error) from None
