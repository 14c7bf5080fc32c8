"""Policies of a role, and whether they allow what is asked: an explicit denial wins, no word at all is a denial too."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from local.permissions import conditions
from local.permissions.conditions import Condition
from local.permissions.errors import PolicyError
from local.permissions.patterns import arn_like, wildcard
from local.permissions.permission import Permission, Values

_MEMBERS = {"Sid", "Effect", "Action", "Resource", "Condition"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy. `other_...`: about everything but what it lists (NotAction, NotResource)."""

    sid: str
    allows: bool
    actions: Values
    resources: Values
    conditions: tuple[Condition, ...] = ()
    other_actions: bool = False
    other_resources: bool = False

    def covers(self, asked: Permission, facts: Mapping[str, Values]) -> bool:
        """Whether it says anything about this."""
        return (
            self.names(asked.action)
            and any(arn_like(pattern, asked.resource) for pattern in self.resources) is not self.other_resources
            and all(condition.holds(facts) for condition in self.conditions)
        )

    def names(self, action: str) -> bool:
        """Actions are compared without case."""
        listed = any(wildcard(pattern, ignore_case=True).fullmatch(action) for pattern in self.actions)
        return listed is not self.other_actions


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a question, and by which statement; by none when nothing was said about it.

    `by_boundary`: the role's permissions boundary decided, which limits what its policies allow.
    """

    allowed: bool
    statement: Statement | None = None
    by_boundary: bool = False


NOTHING_SAID = Decision(allowed=False)


class Policies:
    """All statements of one role. What is said about an action is looked up once.

    `boundary`: what has to allow it as well; None where the role has no permissions boundary.
    """

    def __init__(self, statements: Iterable[Statement], boundary: "Policies | None" = None) -> None:
        self.statements = tuple(statements)
        self._boundary = boundary
        self._about: dict[str, tuple[Statement, ...]] = {}

    def decide(self, asked: Permission) -> Decision:
        decision = self._said(asked)
        if not decision.allowed or self._boundary is None:
            return decision
        limit = self._boundary.decide(asked)
        return decision if limit.allowed else replace(limit, by_boundary=True)

    def _said(self, asked: Permission) -> Decision:
        facts = asked.facts()
        covering = [statement for statement in self._naming(asked.action) if statement.covers(asked, facts)]
        if not covering:
            return NOTHING_SAID
        denying = [statement for statement in covering if not statement.allows]
        return Decision(allowed=not denying, statement=(denying or covering)[0])

    def _naming(self, action: str) -> tuple[Statement, ...]:
        if action not in self._about:
            self._about[action] = tuple(statement for statement in self.statements if statement.names(action))
        return self._about[action]


def parse(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    """The statements of a policy document, without anything unresolved in it.

    Raises:
        PolicyError: it is no identity policy of 2012-10-17, or has something this evaluator does not know.
    """
    if document.get("Version") != "2012-10-17":
        raise PolicyError(f"a policy's Version is {document.get('Version')!r}, not 2012-10-17")
    statements = document.get("Statement")
    if not isinstance(statements, list) or not statements:
        raise PolicyError("a policy has no list of statements")
    return tuple(map(_statement, statements))


def _statement(document: Mapping[str, Any]) -> Statement:
    sid = str(document.get("Sid", "without a Sid"))
    if unknown := set(document) - _MEMBERS:
        raise PolicyError(f"the statement {sid} has {', '.join(sorted(unknown))}, which is not supported here")
    if document.get("Effect") not in {"Allow", "Deny"}:
        raise PolicyError(f"the Effect of the statement {sid} is {document.get('Effect')!r}")
    actions, resources = (_texts(document.get(member), f"{member} of {sid}") for member in ("Action", "Resource"))
    for action in actions:
        if action != "*" and action.count(":") != 1:
            raise PolicyError(f"{sid}: {action!r} is no action")
    for resource in resources:
        if resource != "*" and not resource.startswith("arn:"):
            raise PolicyError(f"{sid}: {resource!r} is no ARN")
    return Statement(
        sid, document["Effect"] == "Allow", actions, resources, conditions.parse(document.get("Condition", {}))
    )


def _texts(value: Any, what: str) -> Values:
    texts: Sequence[Any] = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) and text for text in texts):
        raise PolicyError(f"the {what} is {value!r}, not a text or a list of texts")
    return tuple(texts)
