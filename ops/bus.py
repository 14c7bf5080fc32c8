"""What is asked of the relay: an event on the account's bus.

So whoever may put events may ask, and the relay's functions are not called by name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from ops.target import OpsError, Target

SOURCE = "sagerelay"


def entry(deployment: str, what: str, asked: Mapping[str, str]) -> dict[str, str]:
    """The entry of PutEvents that asks; `what` is its detail type.

    >>> entry("sagerelay-dev", "Check Requested", {"dataset": "churn", "kind": "drift"})["Detail"]
    '{"deployment": "sagerelay-dev", "dataset": "churn", "kind": "drift"}'
    """
    return {"Source": SOURCE, "DetailType": what, "Detail": json.dumps({"deployment": deployment, **asked})}


def ask(target: Target, what: str, asked: Mapping[str, str]) -> str:
    """Put the event that asks; gives its id.

    Raises:
        OpsError: EventBridge did not take it.
    """
    answer = target.client("events").put_events(Entries=[entry(target.prefix, what, asked)])
    [told] = answer["Entries"]
    if answer["FailedEntryCount"]:
        raise OpsError(f"EventBridge did not take the request: {told['ErrorCode']}: {told['ErrorMessage']}")
    return str(told["EventId"])
