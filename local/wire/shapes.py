"""Refuse what AWS would refuse, from botocore's own description of a service.

botocore's ParamValidator looks at types, required members and unknown names; the service model it reads also holds
patterns, enumerations, lengths and bounds, which no client checks. On AWS the service checks those, minutes later and
for money; here they are checked at once, in the service's wording. Nothing in this module knows a single service or
operation: what is particular to one (a spot job's waiting time, say) stands beside that operation.
"""

import functools
import re
from collections.abc import Iterator
from typing import Any

import botocore.session
from botocore.model import Shape
from botocore.validate import ParamValidator

from local.wire.errors import ApiError
from local.wire.service_models import sharing_models

# Java's dialect, in the nearest form that Python's `re` knows: classes so that they are legal inside a character class
# (but for ASCII, which stands alone), the end of the text, and a slip in the model itself, a quantifier of that end.
_JAVA = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
    r"\p{M}": r"\w",
    r"\p{P}": r"!-/:-@\[-`{-~",
    r"\p{S}": r"$+<=>^`|~",
    r"\p{Alnum}": "a-zA-Z0-9",
    r"\p{Print}+": r"[\x20-\x7e]+",
    r"\p{Print}": r"\x20-\x7e",
    r"\p{ASCII}": r"[\x00-\x7f]",
    r"\z": r"\Z",
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",
    "*)${1,": "*){1,",
}


@functools.cache
def service_model(service: str) -> Any:
    """botocore's model of a service, by its client's name; read once, because SageMaker's is 3 MB of JSON."""
    return sharing_models(botocore.session.get_session()).get_service_model(service)


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The service model's pattern (Java's dialect) for Python."""
    for java, python in _JAVA.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern)


def validated(service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return the request, or raise ValidationException in AWS's wording with every fault found.

    A request whose structure is wrong (a missing or unknown member, a wrong type) is refused for that alone.
    """
    shape = service_model(service).operation_model(operation).input_shape
    if shape is None:
        return request
    report = ParamValidator().validate(request, shape).generate_report().splitlines()
    structural = [line for line in report if not line.startswith(("Invalid value for", "Invalid length for"))]
    if structural:
        raise ApiError("ValidationException", "; ".join(structural), 400)
    faults = list(_faults(shape, request, ""))
    if faults:
        noun = "validation error" if len(faults) == 1 else "validation errors"
        raise ApiError("ValidationException", f"{len(faults)} {noun} detected: {'; '.join(faults)}", 400)
    return request


def _faults(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Every broken constraint below `value`, as AWS says it."""
    if value is None:
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from _faults(member, value.get(name), f"{path}.{_camel(name)}" if path else _camel(name))
        return
    for constraint in _broken(shape, value):
        shown = value if isinstance(value, str | int | float) else str(value)
        yield f"Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}"
    if shape.type_name == "list":
        for index, item in enumerate(value, 1):
            yield from _faults(shape.member, item, f"{path}.{index}.member")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from _faults(shape.key, key, f"{path}.key")
            yield from _faults(shape.value, item, f"{path}.{key}.value")


def _broken(shape: Shape, value: Any) -> Iterator[str]:
    """The constraints of one shape which one value breaks."""
    rules = shape.metadata
    if "enum" in rules and value not in rules["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(rules['enum'])}]"
    if "pattern" in rules and isinstance(value, str) and not compiled(rules["pattern"]).fullmatch(value):
        yield f"Member must satisfy regular expression pattern: {rules['pattern']}"
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        if "min" in rules and value < rules["min"]:
            yield f"Member must have value greater than or equal to {rules['min']}"
        if "max" in rules and value > rules["max"]:
            yield f"Member must have value less than or equal to {rules['max']}"
    elif isinstance(value, str | list | dict | bytes):
        if "min" in rules and len(value) < rules["min"]:
            yield f"Member must have length greater than or equal to {rules['min']}"
        if "max" in rules and len(value) > rules["max"]:
            yield f"Member must have length less than or equal to {rules['max']}"


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]
