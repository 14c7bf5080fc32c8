"""CloudFormation's intrinsic functions, as far as what a Lambda function is given uses them.

`resolved` knows Ref, Fn::GetAtt, Fn::Sub and Fn::If, and is told what the stack's names stand for (a condition that
does not hold: for nothing). What it is not told is an error: a variable that nobody thought of would be missing on AWS,
too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_VARIABLE = re.compile(r"\$\{([A-Za-z0-9:.]+)\}")


def resolved(value: Any, names: Mapping[str, str]) -> Any:
    """The value with everything that CloudFormation would put in.

    >>> resolved({"name": [{"Fn::Sub": "${Table}-x"}, {"Ref": "Bucket"}]}, {"Table": "t", "Bucket": "b"})
    {'name': ['t-x', 'b']}
    """
    match value:
        case {"Ref": name}:
            return names[name]
        case {"Fn::GetAtt": str(dotted)}:
            return names[dotted]
        case {"Fn::GetAtt": [resource, attribute]}:
            return names[f"{resource}.{attribute}"]
        case {"Fn::Sub": str(text)}:
            return _VARIABLE.sub(lambda found: names[found[1]], text)
        case {"Fn::If": [condition, true, false]}:
            return resolved(true if names[condition] else false, names)
        case dict():
            return {key: resolved(item, names) for key, item in value.items()}
        case list():
            return [resolved(item, names) for item in value]
    return value
