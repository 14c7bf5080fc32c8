"""Plain values for the monitor's tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.monitoring.commands import MonitorCommand, Tell
from chalicelib.monitoring.deciding import decide
from chalicelib.monitoring.facts import CheckAsked, DriftRead, Fact, QualityRead, RunFollowed, SettingsRead
from chalicelib.monitoring.record import Check, Monitor, problems_with
from chalicelib.names import Kind
from chalicelib.records.run import LiveModel, Stage
from chalicelib.settings.dataset import DatasetSettings
from chalicelib.settings.stored import Monitored
from tests.relay.builders import NOW

FIRST, SECOND = (
    LiveModel(f"churn-0000000{number}", "sagerelay-churn", 1, f"{NOW:%Y-%m-%dT%H:%M:%SZ}") for number in (1, 2)
)
HOUR = timedelta(hours=1)


def settings(**sections: dict[str, Any]) -> Monitored:
    """relay.yaml's two sections of the monitor, as the shell hands them over."""
    read = DatasetSettings.model_validate(sections).as_stored()
    return {"monitoring": read["monitoring"], "retraining": read["retraining"]}


class Timeline:
    """A monitor that lives through facts, with a clock of its own; its invariants are checked after each."""

    def __init__(self, live: LiveModel | None = FIRST, **sections: dict[str, Any]) -> None:
        self.now = NOW
        self.monitor = Monitor("churn")
        self.learn(SettingsRead(settings(**sections)))
        if live:
            self.promoted(live)

    def learn(self, fact: Fact, after: timedelta = timedelta()) -> Timeline:
        self.now += after
        self.monitor = decide(self.monitor, fact, self.now).monitor
        assert problems_with(self.monitor) == []
        return self

    def promoted(self, live: LiveModel, run: str | None = None) -> Timeline:
        return self.learn(RunFollowed(run or live.run, Stage.LIVE, live))

    def execute(self) -> list[MonitorCommand]:
        """Everything pending, as if it had just been executed."""
        done = list(self.monitor.pending)
        self.monitor = replace(self.monitor, pending=())
        return done

    def mails(self) -> list[str]:
        """The kinds of the mails that are pending; all that is pending is executed."""
        return [str(command.mail) for command in self.execute() if isinstance(command, Tell)]

    def begin(self, kind: Kind = Kind.DRIFT, subject: str | None = None) -> Check:
        """A check that is in flight, its job started."""
        self.learn(CheckAsked(kind, subject))
        self.execute()
        return next(check for check in self.monitor.checks if check.kind is kind)

    def drift(
        self,
        state: str,
        *names: str,
        loss: str | None = "none",
        problems: bool = False,
        lost: float = 1.0,
        after: timedelta = HOUR,
    ) -> Timeline:
        """A drift check, begun and read."""
        check = self.begin()
        found = DriftRead(Kind.DRIFT, check.ordinal, state, names, loss, "2026-11-22T09:00:00Z", problems, lost)
        return self.learn(found, after)

    def quality(
        self, state: str, *problems: str, labelled: bool = True, after: timedelta = HOUR, **more: Any
    ) -> Timeline:
        """A quality check, begun and read; `more`: what it says of outcomes, and how much was lost."""
        check = self.begin(Kind.QUALITY)
        return self.learn(QualityRead(check.ordinal, state, problems, labelled=labelled, **more), after)
