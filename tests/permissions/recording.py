"""What was asked for while a relay ran, and which parts of the policies none of it needs."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable, Iterator

from local.permissions.guard import Principal
from local.permissions.permission import Permission
from local.permissions.policy import Policies, Statement


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


def without_action(policies: Policies, statement: Statement, action: str) -> Policies:
    """The policies with one action fewer in one statement."""
    return _replacing(policies, statement, tuple(one for one in statement.actions if one != action))


def without_resource(policies: Policies, statement: Statement, pattern: str) -> Policies:
    """The policies with one resource fewer in one statement."""
    left = dataclasses.replace(statement, resources=tuple(one for one in statement.resources if one != pattern))
    kept = (left if one is statement else one for one in policies.statements)
    return Policies(one for one in kept if one.resources)


def denied(policies: Policies, asked: Iterable[Permission]) -> Iterator[Permission]:
    return (one for one in asked if not policies.decide(one).allowed)


def spare_actions(policies: Policies, asked: set[Permission]) -> set[tuple[str, str]]:
    """Statement and action of each permission that could go without any question being denied."""
    return {
        (statement.sid, action)
        for statement in policies.statements
        for action in statement.actions
        if not any(denied(without_action(policies, statement, action), asked))
    }


def spare_resources(policies: Policies, asked: set[Permission]) -> set[tuple[str, str]]:
    """Statement and resource, the ARN's last part, of each that could go without any question being denied."""
    return {
        (statement.sid, pattern.split(":", 5)[-1])
        for statement in policies.statements
        for pattern in statement.resources
        if not any(denied(without_resource(policies, statement, pattern), asked))
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


def _replacing(policies: Policies, statement: Statement, actions: tuple[str, ...]) -> Policies:
    kept = (dataclasses.replace(one, actions=actions) if one is statement else one for one in policies.statements)
    return Policies(one for one in kept if one.actions)
