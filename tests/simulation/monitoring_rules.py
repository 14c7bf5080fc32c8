"""Mails of the monitor: every change that its record shows is told, once, and nothing is told that did not change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chalicelib.monitoring.commands import Tell
from chalicelib.monitoring.episodes import Episode
from chalicelib.monitoring.record import Monitor
from chalicelib.names import CheckKeys, Kind
from chalicelib.records.commands import Mail
from tests.simulation.episode_rules import Account, read

if TYPE_CHECKING:
    from tests.simulation.world import World

_DRIFT = {"found": Mail.DRIFT_FOUND, "over": Mail.DRIFT_OVER}
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
        self._accounts: dict[tuple[str, Kind], Account] = defaultdict(Account)

    def written(self, before: Monitor, after: Monitor) -> None:
        """A monitor's record was written."""
        due = self._due[after.dataset]
        if after.last_drift != before.last_drift and after.last_drift:
            mail = self._of_episode(after, after.last_drift, after.drifting)
            due += [(_DRIFT[mail], after.last_drift)] if mail else []
        if after.last_quality != before.last_quality and after.last_quality:
            mail = self._of_episode(after, after.last_quality, after.fallen)
            due += _of_labels(before, after, mail)
        due += _troubles(before, after)
        if after.retraining.stopped and not before.retraining.stopped:
            due += [(Mail.RETRAINING_STOPPED, check) for check in self._stops_alone(before, after)]

    def _stops_alone(self, before: Monitor, after: Monitor) -> Iterator[CheckKeys | None]:
        """That retraining stops is told with what the check has found, where that is told; else alone."""
        fresh = [one for one in after.pending if isinstance(one, Tell) and one not in before.pending]
        with_it = [one for one in fresh if one.stopped]
        if len({one.check for one in fresh}) != len(fresh):
            self._world.wrong("one check sends one mail", f"{after.dataset}: {fresh}")
        if not with_it:
            yield after.last_drift or after.last_quality

    def _of_episode(self, after: Monitor, check: CheckKeys, episode: Episode | None) -> str | None:
        """The mail that an owner's account of the checks asks for, whatever the record makes of them."""
        account, found = self._accounts[after.dataset, check.kind], read(self._world.bucket.body(check.result))
        if found is None or after.live is None:
            account.corrected(episode)
            return None
        due = account.due(found, after.live.run, self._world.now, after.monitoring["quiet_days"])
        if due == "either":  # the clock of the decision is not quite ours
            due = None if episode and episode.is_open else "over"
            if due:
                account.ended(self._world.now)
        if account.open != bool(episode and episode.is_open):
            self._world.wrong("an episode goes on while it does", f"{check.name}: {account}, and not {episode}")
        return due

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


def _of_labels(before: Monitor, after: Monitor, mail: str | None) -> Iterator[tuple[Mail, CheckKeys | None]]:
    """What a quality check is worth: one mail, whatever it found."""
    check = after.last_quality
    if mail == "found" or _better_before(after) - _better_before(before):
        yield Mail.QUALITY_FELL, check
    elif _relation(after) - _relation(before):
        yield Mail.RELATION_CHANGED, check
    elif mail == "over":
        yield Mail.QUALITY_RECOVERED, check
    elif after.quality.state != before.quality.state or (
        "few-labels" in after.open_alerts and "few-labels" not in before.open_alerts
    ):
        yield Mail.QUALITY, check


def _better_before(monitor: Monitor) -> set[str]:
    """The models whose predecessor is known to be better."""
    return {mark for mark in monitor.open_alerts if mark.startswith(("better-before:", "asked-back:"))}


def _relation(monitor: Monitor) -> set[str]:
    """The models whose relation is called changed."""
    return {mark for mark in monitor.open_alerts if mark.startswith("changed-relation:")}


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
