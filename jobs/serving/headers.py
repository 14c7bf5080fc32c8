"""What a caller says of a request beside its body and its types: the two headers that SageMaker hands on."""

import re
import sys
from collections.abc import Mapping

ATTRIBUTES, INFERENCE_ID = "X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Inference-Id"
ID_IN_ATTRIBUTES = r"(?:^|[\s,;&\"'])inference[-_]id=(?P<id>[^\s,;&\"']+)"
"""A caller's id among custom attributes; as RE2 takes it, too, for who reads many records."""
_EXPLAIN = re.compile(r"(?:^|[\s,;&\"'])explain=true(?:$|[\s,;&\"'])", re.IGNORECASE)


def headers() -> Mapping[str, str]:
    """Of the request that is being answered.

    The image's server hands requests to Flask. Where nobody has loaded it, there is no such server and no header.
    """
    flask = sys.modules.get("flask")
    if flask is None or not flask.has_request_context():
        return {}
    # Of Flask's own mapping, for which upper and lower case are the same.
    given = flask.request.headers
    return {name: value for name in (ATTRIBUTES, INFERENCE_ID) if (value := given.get(name)) is not None}


def inference_id(given: Mapping[str, str]) -> str | None:
    """The caller's id for a request: a header's, or that in the custom attributes, which surely come this far.

    >>> inference_id({ATTRIBUTES: "trace=7,inference-id=order-17"})
    'order-17'
    """
    if named := given.get(INFERENCE_ID):
        return named
    return id_among(given.get(ATTRIBUTES) or "")


def id_among(attributes: str) -> str | None:
    """The caller's id among custom attributes, which are text of any form.

    >>> id_among("trace=7,inference-id=order-17"), id_among("inference_id=17; trace=7"), id_among("trace=7")
    ('order-17', '17', None)
    """
    found = re.search(ID_IN_ATTRIBUTES, attributes)
    return found["id"] if found else None


def wants_explanation(given: Mapping[str, str]) -> bool:
    """Whether the answers are to explain themselves.

    >>> [wants_explanation({ATTRIBUTES: said}) for said in ("trace=7,explain=true", "explain=false", "unexplain=true")]
    [True, False, False]
    """
    return bool(_EXPLAIN.search(given.get(ATTRIBUTES) or ""))
