"""The model in its own archive, asked as an endpoint is: by the code that serves it, in this process.

For a model of one container that no endpoint serves. The job runs in the image that would serve it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from jobs.evaluate.artifact import unpacked
from jobs.serving import serve


class OwnArchive:
    """As `jobs.evaluate.endpoint.RuntimeClient`."""

    def __init__(self, archive: Path, folder: Path) -> None:
        """`folder`: where it may lie unpacked."""
        unpacked(archive, folder)
        self._model = serve.model_fn(str(folder))

    def invoke_endpoint(self, **request: Any) -> Mapping[str, Any]:
        """The answer to a request. Raises ClientError, as boto3's client does, for one that the model refuses."""
        answered = serve.transform_fn(self._model, request["Body"].decode(), request["ContentType"], request["Accept"])
        if isinstance(answered, tuple):
            return {"Body": io.BytesIO(str(answered[0]).encode())}
        words = answered.get_data(as_text=True)
        refused: Any = {
            "Error": {"Code": "ModelError", "Message": words},
            "OriginalStatusCode": answered.status_code,
            "OriginalMessage": words,
        }
        raise ClientError(refused, "InvokeEndpoint")
