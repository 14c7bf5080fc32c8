"""How a script inside the XGBoost container answers with an HTTP status of its own.

The container turns any exception of a script into status 500 without a word to the caller; what it passes on
untouched is a Flask response. Flask is part of the image and is imported only when something is refused.
"""

import json
from typing import Any

from jobs.serving.rows import Refused


def response(refused: Refused) -> Any:
    """A Flask response with the refusal's status and the body `{"error": sentence}`."""
    from flask import Response

    body = json.dumps({"error": str(refused)}, ensure_ascii=False)
    return Response(response=body, status=refused.status, mimetype="application/json")
