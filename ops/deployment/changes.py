"""What a change set says: each resource that would be added, changed, replaced or removed, in words.

Pure. A replacement is the one thing to be afraid of: a table or bucket that is replaced is empty afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

HOLD_DATA = frozenset({"AWS::DynamoDB::Table", "AWS::S3::Bucket"})
_NOTHING = ("didn't contain changes", "No updates are to be performed")


class Verb(StrEnum):
    """What happens to a resource; in the order in which they are shown, the worst first."""

    REPLACE = "REPLACE"
    MAY_REPLACE = "may replace"
    REMOVE = "remove"
    CHANGE = "change"
    ADD = "add"


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that would not be the same afterwards. `what`: the properties that differ."""

    verb: Verb
    name: str
    kind: str
    what: tuple[str, ...] = ()

    @property
    def loses_data(self) -> bool:
        """Whether what lies in it would be lost, or left behind."""
        return self.kind in HOLD_DATA and self.verb in {Verb.REPLACE, Verb.MAY_REPLACE, Verb.REMOVE}


def read(changes: Iterable[Mapping[str, Any]]) -> list[Change]:
    """DescribeChangeSet's Changes, the worst first."""
    found = [_change(one["ResourceChange"]) for one in changes if "ResourceChange" in one]
    order = list(Verb)
    return sorted(found, key=lambda change: (not change.loses_data, order.index(change.verb), change.kind, change.name))


def is_empty(reason: str) -> bool:
    """Whether a change set failed only because there is nothing to change. AWS says so in words alone."""
    return any(words in reason for words in _NOTHING)


def conclusion(changes: Sequence[Change]) -> str:
    """All of it in one line.

    >>> conclusion([Change(Verb.ADD, "A", "t"), Change(Verb.ADD, "B", "t"), Change(Verb.CHANGE, "C", "t")])
    '3 resources: 1 change, 2 add.'
    """
    if not changes:
        return "Nothing would change."
    counts = {verb: sum(change.verb is verb for change in changes) for verb in Verb}
    told = ", ".join(f"{count} {verb}" for verb, count in counts.items() if count)
    return f"{len(changes)} resource{'s' if len(changes) > 1 else ''}: {told}."


def warnings(changes: Sequence[Change]) -> list[str]:
    """What must not be overlooked."""
    return [
        f"{change.name} ({change.kind}) would be {_LOST[change.verb]}: what lies in it is "
        f"{'lost' if change.kind == 'AWS::DynamoDB::Table' else 'left behind in the old one'}. Do not deploy this "
        "unless you mean it."
        for change in changes
        if change.loses_data
    ]


_LOST = {
    Verb.REPLACE: "REPLACED by a new, empty one",
    Verb.MAY_REPLACE: "perhaps REPLACED by a new, empty one",
    Verb.REMOVE: "REMOVED",
}


def _change(one: Mapping[str, Any]) -> Change:
    details = one.get("Details") or []
    named = dict.fromkeys(
        target.get("Name") or target.get("Attribute", "") for target in (detail.get("Target", {}) for detail in details)
    )
    return Change(_verb(one), one["LogicalResourceId"], one["ResourceType"], tuple(name for name in named if name))


def _verb(one: Mapping[str, Any]) -> Verb:
    if one["Action"] == "Add":
        return Verb.ADD
    if one["Action"] == "Remove":
        return Verb.REMOVE
    return {"True": Verb.REPLACE, "Conditional": Verb.MAY_REPLACE}.get(str(one.get("Replacement")), Verb.CHANGE)
