"""One permission AWS asks for: an action on a resource, with the facts of the request that conditions may look at."""

from collections.abc import Mapping
from dataclasses import dataclass

Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Permission:
    """Hashable, so that those asked for can be collected. `context` is sorted; its keys are in lower case."""

    action: str
    resource: str
    context: tuple[tuple[str, Values], ...] = ()

    def facts(self) -> dict[str, Values]:
        return dict(self.context)


def permission(action: str, resource: str, facts: Mapping[str, str | Values | None] | None = None) -> Permission:
    """Made of facts as they come: one text or several; a fact that is None is not in the request."""
    context = {
        key.lower(): (value,) if isinstance(value, str) else tuple(value)
        for key, value in (facts or {}).items()
        if value is not None
    }
    return Permission(action, resource, tuple(sorted(context.items())))
