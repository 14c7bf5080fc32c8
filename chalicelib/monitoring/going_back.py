"""Whether callers should go back to the model before the live one, because of what labels have measured.

Two things have to be certain on the same labelled rows: the live model has lost more than its `gate.max_loss` allows,
and its predecessor is better there. It is asked for once a model, and of a model that was itself gone back to never:
two models that are both no good any more would change places for ever, and the newer one has lost to the other by the
labels that a person, or this, has gone by. The next promotion ends that.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.monitoring.commands import AskRollback
from chalicelib.monitoring.facts import QualityRead
from chalicelib.monitoring.record import Check, Monitor

_TOLD, _ASKED = "better-before", "asked-back"
"""The trouble that the predecessor is better, with the run that is in service behind a colon: as the owner was told,
and as the relay was asked to go back, which a person may still want after the first."""


def is_due(monitor: Monitor, check: Check, found: QualityRead) -> bool:
    """Whether this check is the first to say so of the model in service."""
    live = monitor.live
    if live is None or live.run != check.run or live.back is not None or monitor.monitoring["rollback"] == "never":
        return False
    # A document that does not say by how much: then it is as releases before this one had it.
    lost = found.state == "fell" if found.beyond_gate is None else found.beyond_gate
    return lost and found.better is not None and _mark(monitor, check) not in monitor.open_alerts


def noted(monitor: Monitor, check: Check, found: QualityRead) -> Monitor:
    """With what follows from it; the owner's mail is the one about the quality that fell."""
    monitor = replace(monitor, open_alerts=(*monitor.open_alerts, _mark(monitor, check)))
    if not by_itself(monitor):
        return monitor
    name = monitor.keys(check).name
    because = f"Check {name}: quality measured with labels fell. {found.compared}".rstrip()
    return monitor.then(AskRollback(name, check.run, because))


def by_itself(monitor: Monitor) -> bool:
    """Whether the relay goes back without being asked."""
    return monitor.monitoring["rollback"] == "itself"


def of_earlier_models(trouble: str) -> bool:
    """Whether a trouble is of this kind: a new live model starts without it."""
    return trouble.startswith((f"{_TOLD}:", f"{_ASKED}:"))


def _mark(monitor: Monitor, check: Check) -> str:
    return f"{_ASKED if by_itself(monitor) else _TOLD}:{check.run}"
