"""How a script inside the XGBoost container answers with an HTTP status of its own.

The container turns any exception of a script into status 500 without a word to the caller; what it passes on
untouched is a Flask response. Flask is part of the image and is imported only when something is refused.
"""

import json
import traceback
from pathlib import Path
from typing import Any

from jobs.serving.rows import Refused


def response(refused: Refused) -> Any:
    """A Flask response with the refusal's status and the body `{"error": sentence}`."""
    from flask import Response

    body = json.dumps({"error": str(refused)}, ensure_ascii=False)
    return Response(response=body, status=refused.status, mimetype="application/json")


class UnexpectedError(RuntimeError):
    """What went wrong in a script, by class and place: the container logs it, and a library's own message may quote a
    cell of the request. To be raised `from None`."""

    def __init__(self, error: Exception) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        super().__init__(f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}")
