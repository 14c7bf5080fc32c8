"""A run as it goes on: its stages as they come, and in a tuning each trial with the best so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chalicelib import json_files
from chalicelib.mails.parts import duration
from chalicelib.records.run import Run, Stage
from ops import records, runs
from ops.looking import trials
from ops.looking.described import headline, metric_of
from ops.target import OpsError, Target

_DONE = frozenset({"Completed", "Failed", "Stopped"})


def follow(target: Target, run_id: str, *, pause: Callable[[float], None]) -> Iterator[dict[str, Any]]:
    """What happens, as documents (`watch --json` prints one a line), until the run has ended or waits for a person.

    Raises:
        OpsError: there is no such run.
    """
    run, seen, tried = runs.found(target, run_id), 0, set[str]()
    waits: str | None = None
    while True:
        for number in range(seen, len(run.history)):
            at, _, what = run.history[number].partition(" ")
            yield {"at": at, "what": "stage", "line": what}
        seen = len(run.history)
        if run.waiting_for and run.waiting_for != waits:
            waits = run.waiting_for
            yield {"at": json_files.moment(run.updated), "what": "waits", "line": f"waits: {waits}"}
        if run.stage is Stage.TUNING:
            yield from _tried(target, run, tried)
        if run.stage.ended or run.stage is Stage.AWAITING_APPROVAL:
            yield {"at": json_files.moment(run.updated), "what": "end", "stage": str(run.stage), "line": _end(run)}
            return
        pause(0.5 if target.on_laptop else 10.0)
        run = records.of(target).run(run_id) or run


def _tried(target: Target, run: Run, tried: set[str]) -> Iterator[dict[str, Any]]:
    try:
        document = trials.look(target, run)
    except OpsError:
        return  # it has not begun
    wanted = run.settings["tuning"]["trials"]
    of_this = {trial["name"] for trial in document["trials"]}  # of several algorithms each has a tuning of its own
    for trial in document["trials"]:
        if trial["status"] in _DONE and trial["name"] not in tried:
            tried.add(trial["name"])
            value = "failed" if trial["objective"] is None else f"{trial['objective']:.5g}"
            best = "" if trial["best_so_far"] is None else f", best so far {trial['best_so_far']:.5g}"
            line = f"trial {len(tried & of_this)} of {wanted}: {value}{best}"
            yield {"at": trial["ended"], "what": "trial", "trial": trial, "line": line}


def _end(run: Run) -> str:
    metric, found = metric_of(run), headline(run)
    good = f", {metric.title} {metric.number(found['value'])}" if metric and found else ""
    why = run.failure.reason if run.failure else run.verdict.reason if run.verdict else ""
    todo = f" {run.failure.advice}" if run.failure else ""
    if run.stage is Stage.AWAITING_APPROVAL:
        todo = f" `approve {run.dataset}` or `decline {run.dataset}` answers."
    return f"{run.stage} after {duration(run.seconds)}{good}. {why}{todo}".rstrip()
