"""The scenarios of which golden states are kept, told by the code of the tree in which this runs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress

from chalicelib.aws.errors import BusyError
from chalicelib.names import Kind, Step
from tests.monitoring.living import asked, drift, live
from tests.records.states import GOLDEN, taken
from tests.relay.world import Crash, World, drop

Scenario = Callable[[World], object]
_WRITTEN = "target: churned\ntuning:\n  trials: 20\ngate:\n  minimum: 0.6\n"


def _until(step: Step, settings: str = _WRITTEN) -> Scenario:
    def tell(here: World) -> None:
        here.put("relay.yaml", settings.encode())
        run = drop(here)
        for earlier in list(Step)[: list(Step).index(step)]:
            here.runtime.receive(here.end(run, earlier))

    return tell


def _awaiting_approval(here: World) -> None:
    run = live(here, "gate: {approval: manual}\n")
    assert here.stage(run) == "awaiting approval"


def _rejected(here: World) -> None:
    run = live(here, "gate: {minimum: 0.99}\n")
    assert here.stage(run) == "rejected"


def _failed(here: World) -> None:
    run = drop(here)
    here.runtime.receive(here.end(run, Step.PREPARE, failure="AlgorithmError: [no-target] there is no column y"))
    assert here.stage(run) == "failed"


def _crashed(here: World) -> None:
    """A Lambda dies between saving what is to be done and doing it."""
    run = drop(here)
    event = here.end(run, Step.PREPARE)
    here.crash_at = (here.counted + 6, "before")
    with suppress(Crash):
        here.runtime.receive(event)
    here.crash_at = None
    record = here.runtime.executor.store.run(run)
    assert record
    assert record.pending


def _waiting_for_quota(here: World) -> None:
    run = drop(here)
    event, ensure = here.end(run, Step.PREPARE), here.sagemaker.ensure

    def no_quota(call: object) -> None:
        raise BusyError(f"ResourceLimitExceeded: {type(call).__name__}")

    here.sagemaker.ensure = no_quota
    here.runtime.receive(event)
    here.sagemaker.ensure = ensure
    record = here.runtime.executor.store.run(run)
    assert record
    assert record.waiting_for


def _queued(here: World) -> None:
    """Newer data waits for the end of a retraining."""
    live(here, _WRITTEN)
    second = drop(here, "train/feb.csv")
    for step in (Step.PREPARE, Step.TUNE):
        here.runtime.receive(here.end(second, step))
    drop(here, "train/mar.csv")


def _replaced(here: World) -> None:
    live(here, _WRITTEN)
    here.relay(drop(here, "train/feb.csv"), here.runtime.receive)


def _checked(here: World) -> None:
    live(here, _WRITTEN)
    here.capture("2026/11/22/12/a.jsonl")
    here.runtime.receive(asked())
    assert here.monitor().in_flight(Kind.DRIFT)


def _drifted(here: World) -> None:
    live(here, "retraining: {policy: on_drift}\nmonitoring: {quiet_days: 5}\n")
    here.capture("2026/11/22/12/a.jsonl")
    here.runtime.receive(asked())
    here.runtime.receive(here.end_check(Kind.DRIFT, drift("drifted", "age")))
    assert here.active()


SCENARIOS: dict[str, Scenario] = {
    **{f"until-{step}": _until(step) for step in Step},
    "awaiting-approval": _awaiting_approval,
    "live": lambda here: live(here, _WRITTEN),
    "live-by-default": live,
    "replaced": _replaced,
    "rejected": _rejected,
    "failed": _failed,
    "crashed": _crashed,
    "waiting-for-quota": _waiting_for_quota,
    "queued": _queued,
    "checked": _checked,
    "drifted": _drifted,
}


def main(release: str) -> None:
    """Write a release's golden states."""
    folder = GOLDEN / release
    folder.mkdir(parents=True, exist_ok=True)
    for name, tell in SCENARIOS.items():
        here = World()
        tell(here)
        text = json.dumps(taken(here), indent=1, sort_keys=True, ensure_ascii=False)
        (folder / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    os.environ |= {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    main(sys.argv[1])
