"""What was asked for while a relay ran, and which parts of the policies none of it needs."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable, Iterator

from local.permissions.permission import Permission
from local.permissions.policy import Policies, Statement
from local.permissions.principals import Principal
from tests.infra.definitions import knows


class Recording:
    """A witness. Every distinct question is kept once: in `asked` what was allowed, in `denied` what was not."""

    def __init__(self) -> None:
        self.asked: dict[str, set[Permission]] = {}
        self.denied: set[tuple[str, Permission]] = set()
        self._lock = threading.Lock()

    @classmethod
    def of(cls, other: Recording) -> Recording:
        """What another one holds by now."""
        copy = cls()
        with other._lock:
            copy.asked = {role: set(asked) for role, asked in other.asked.items()}
            copy.denied = set(other.denied)
        return copy

    def __call__(self, principal: Principal, asked: Permission, allowed: bool) -> None:  # noqa: FBT001 - a Witness
        with self._lock:
            if allowed:
                self.asked.setdefault(principal.name, set()).add(asked)
            else:
                self.denied.add((principal.name, asked))


def without(policies: Policies, statement: Statement, action: str, pattern: str) -> Policies:
    """The policies without one action on one resource of a statement; its other pairs stay."""
    others = tuple(one for one in statement.actions if one != action)
    elsewhere = tuple(one for one in statement.resources if one != pattern)
    kept: list[Statement] = []
    for one in policies.statements:
        if one is not statement:
            kept.append(one)
            continue
        if others:
            kept.append(dataclasses.replace(one, actions=others))
        if elsewhere:
            kept.append(dataclasses.replace(one, actions=(action,), resources=elsewhere))
    return Policies(kept)


def denied(policies: Policies, asked: Iterable[Permission]) -> Iterator[Permission]:
    return (one for one in asked if not policies.decide(one).allowed)


def spare_pairs(policies: Policies, asked: set[Permission]) -> set[tuple[str, str, str]]:
    """Statement, action and resource (the ARN's last part) of each permission that could go without any question being
    denied. An action and a resource that stand in one statement are no permission where IAM does not know the action
    to work on that kind of resource."""
    by_action: dict[str, list[Permission]] = {}
    for one in asked:
        by_action.setdefault(one.action.lower(), []).append(one)
    return {
        (statement.sid, action, pattern.split(":", 5)[-1])
        for statement in policies.statements
        for action in statement.actions
        for pattern in statement.resources
        if knows(action, pattern)
        if not any(denied(without(policies, statement, action, pattern), by_action.get(action.lower(), ())))
    }


def spare_conditions(policies: Policies, asked: set[Permission]) -> set[tuple[str, str]]:
    """Statement and key of each condition that no question comes near: it denies nothing if its value is another."""
    found = set()
    for statement in policies.statements:
        for condition in statement.conditions:
            other = dataclasses.replace(condition, values=("another",))
            others = tuple(other if one is condition else one for one in statement.conditions)
            changed = Policies(
                dataclasses.replace(one, conditions=others) if one is statement else one for one in policies.statements
            )
            if not any(denied(changed, asked)):
                found.add((statement.sid, condition.key))
    return found
