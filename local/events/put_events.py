"""EventBridge's PutEvents, judged as AWS judges it: what is refused whole, what entry by entry, what becomes an event.

Pure: a request in, verdicts out. moto lets pass what AWS refuses (a source of AWS's own, a detail that is no object)
and forgets the time that a client gives; a handler woken by such an event works on the laptop only. Which functions
want an event is the bus's affair, and what rules of the user's own do with it moto's.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.events.envelopes import Envelope, envelope
from local.wire.errors import ApiError

MOST_ENTRIES = 10
LARGEST_REQUEST = 1024 * 1024
"""Bytes of all entries together, counted as AWS counts them."""
LONGEST_DETAIL_TYPE = 128
_TIME_SIZE = 14


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that becomes no event, and why, in AWS's words."""

    code: str
    message: str

    def result(self) -> dict[str, str]:
        return {"ErrorCode": self.code, "ErrorMessage": self.message}


def judge(entries: Any) -> list[Refused | None]:
    """The verdict on each entry, in order; None: it may become an event.

    Raises:
        ApiError: ValidationException, where AWS refuses the request as a whole.
    """
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_ENTRIES:
        few = "less than or equal to 10" if entries else "greater than or equal to 1"
        raise ApiError(
            "ValidationException",
            "1 validation error detected: Value '[PutEventsRequestEntry]' at 'entries' failed to satisfy constraint: "
            f"Member must have length {few}",
        )
    if not all(map(_is_readable, entries)):
        raise ApiError("SerializationException", "An entry is no structure of texts, and of a list of texts.")
    if sum(map(_size, entries)) > LARGEST_REQUEST:
        raise ApiError("ValidationException", "Total size of the entries in the request is over the limit.")
    return [_judge_one(entry) for entry in entries]


def _is_readable(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    texts = [entry.get(name) for name in ("Source", "DetailType", "Detail", "EventBusName")]
    resources = entry.get("Resources")
    several = resources if isinstance(resources, list) else [] if resources is None else [0]
    return all(text is None or isinstance(text, str) for text in texts) and all(isinstance(r, str) for r in several)


def _judge_one(entry: Mapping[str, Any]) -> Refused | None:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return _invalid(name, f"{name} is a required argument.")
    if len(entry["DetailType"]) > LONGEST_DETAIL_TYPE:
        return _invalid("DetailType", f"DetailType is longer than {LONGEST_DETAIL_TYPE} characters.")
    if entry["Source"].startswith("aws."):
        return Refused("NotAuthorizedForSourceException", "Not authorized for the source.")
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    return None if isinstance(detail, dict) else Refused("MalformedDetail", "Detail is malformed.")


def _invalid(name: str, reason: str) -> Refused:
    return Refused("InvalidArgument", f"Parameter {name} is not valid. Reason: {reason}")


def _size(entry: Mapping[str, Any]) -> int:
    texts: Sequence[Any] = [entry.get(name) for name in ("Source", "DetailType", "Detail")]
    texts = [*texts, *(entry.get("Resources") or ())]
    return sum(len(str(text).encode()) for text in texts if text) + (_TIME_SIZE if entry.get("Time") else 0)


def is_for_default_bus(entry: Mapping[str, Any]) -> bool:
    """Whether the entry is put on the bus on which AWS's services put theirs, and the functions listen."""
    name = entry.get("EventBusName") or "default"
    return bool(name == "default" or name.endswith(":event-bus/default"))


def event(entry: Mapping[str, Any], event_id: str, *, account: str, region: str) -> Envelope:
    """The event that an entry becomes: the id AWS gave it, and the client's own time where it names one."""
    made = envelope(
        source=entry["Source"],
        detail_type=entry["DetailType"],
        detail=json.loads(entry["Detail"]),
        account=account,
        region=region,
        resources=tuple(entry.get("Resources") or ()),
    )
    if entry.get("Time"):
        made["time"] = datetime.fromtimestamp(float(entry["Time"]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {**made, "id": event_id}
