"""Mails of the monitor: every change that its record shows is told, once, and nothing is told that did not change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chalicelib.monitoring.record import Monitor
from chalicelib.names import CheckKeys, Kind
from chalicelib.records.commands import Mail

if TYPE_CHECKING:
    from tests.simulation.world import World

_BAD = ("drifted", "harmful")
_CHANGES = frozenset(
    {
        *(Mail.DRIFT_FOUND, Mail.DRIFT_OVER, Mail.QUALITY, Mail.QUALITY_FELL, Mail.QUALITY_RECOVERED),
        *(Mail.NO_TRAFFIC, Mail.ENDPOINT_GONE, Mail.CHECK_FAILED, Mail.RETRAINING_STOPPED),
        Mail.RELATION_CHANGED,
    }
)


class Changes:
    """Every change of a history's monitors that their owners have to know of."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._due: dict[str, list[tuple[Mail, CheckKeys | None]]] = defaultdict(list)
        """By dataset: what is to be told, and about which check, where that can be seen."""

    def written(self, before: Monitor, after: Monitor) -> None:
        """A monitor's record was written."""
        self._due[after.dataset] += _changes(before, after)

    def check(self, told: set[str]) -> None:
        """Look at what the mails of a whole history were about."""
        for dataset, due in self._due.items():
            for mail in sorted(_CHANGES):
                ended = [check for kind, check in due if kind is mail]
                abouts = [about.split(" ") for about in told]
                sent = {about[1] for about in abouts if about[0] == mail and _is_about(about[1], dataset)}
                for check in ended:
                    if check is not None and check.name not in sent:
                        self._world.wrong("a change is told", f"{mail} about {check.name}")
                if len(sent) != len(set(ended)):
                    self._world.wrong("only a change is told", f"{dataset}: {mail} about {sent}, and not {due}")


def _changes(before: Monitor, after: Monitor) -> Iterator[tuple[Mail, CheckKeys | None]]:
    if after.drift.state != before.drift.state and after.drift.state != "unknown":
        if after.drift.state in _BAD and before.drift.state != "harmful":
            yield Mail.DRIFT_FOUND, after.last_drift
        elif before.drift.state in _BAD and after.drift.state == "stable":
            yield Mail.DRIFT_OVER, after.last_drift
    if after.last_quality != before.last_quality and after.last_quality:
        yield from _change_of_quality(before, after)
        yield from _relation(before, after)
    yield from _troubles(before, after)
    if after.retraining.stopped and not before.retraining.stopped:
        yield Mail.RETRAINING_STOPPED, after.last_drift or after.last_quality


def _change_of_quality(before: Monitor, after: Monitor) -> Iterator[tuple[Mail, CheckKeys | None]]:
    was, is_now, check = before.quality.state, after.quality.state, after.last_quality
    if is_now != was:
        fell, mended = is_now == "fell", was == "fell"
        yield (Mail.QUALITY_FELL if fell else Mail.QUALITY_RECOVERED if mended else Mail.QUALITY), check
    elif "few-labels" in after.open_alerts and "few-labels" not in before.open_alerts:
        yield Mail.QUALITY, check


def _relation(before: Monitor, after: Monitor) -> Iterator[tuple[Mail, CheckKeys | None]]:
    """A model whose relation is called changed from now on."""
    marks = [{mark for mark in one.open_alerts if mark.startswith("changed-relation:")} for one in (before, after)]
    if marks[1] - marks[0]:
        yield Mail.RELATION_CHANGED, after.last_quality


def _troubles(before: Monitor, after: Monitor) -> Iterator[tuple[Mail, CheckKeys | None]]:
    fresh = set(after.open_alerts) - set(before.open_alerts)
    if "no-traffic" in fresh:
        yield Mail.NO_TRAFFIC, None
    if "endpoint-gone" in fresh:
        yield Mail.ENDPOINT_GONE, _gone(before, after, Kind.DRIFT)
    for kind in (Kind.DRIFT, Kind.QUALITY):
        if f"failed-{kind}" in fresh:
            yield Mail.CHECK_FAILED, _gone(before, after, kind)


def _gone(before: Monitor, after: Monitor, kind: Kind) -> CheckKeys | None:
    """The check of this kind that was in flight and is no more."""
    gone = [check for check in before.checks if check.kind is kind and after.check(kind, check.ordinal) is None]
    return before.keys(gone[0]) if gone else None


def _is_about(check: str, dataset: str) -> bool:
    """Whether this is the name of a check that the record of this dataset shows: a test's and a drill's answer it."""
    stem, _, _ = check.rpartition("-")
    return stem in {f"{dataset}-{Kind.DRIFT}", f"{dataset}-{Kind.QUALITY}"}
