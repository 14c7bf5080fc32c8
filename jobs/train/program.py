"""The training itself, all of it: what `python -m jobs.train` runs in a child of its own."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jobs.ensemble.building import Wanted
from jobs.ensemble.forms import FIXED, Member
from jobs.ensemble.training import Machine, Table, train
from jobs.refusals import traced
from jobs.schema import positive_of, read_schema
from jobs.train.artifact import write_artifact
from jobs.train.checkpoints import Checkpoints, fingerprint
from jobs.train.error_sizes import learned
from jobs.train.failure import Failure, of_error
from jobs.train.figures import Target, figures, printed
from jobs.train.given import Given, read_given
from jobs.train.plan import Plan, read_plan
from jobs.train.table import read_table
from jobs.train.trial import judge

_SHARE_OF_TIME = 0.8
"""Of a training's seconds: then it ends with the members it has, and has a fifth left to put them together."""


def main(
    environment: Mapping[str, str],
    fixed: Sequence[Member] = FIXED,
    told: Callable[[Failure], object] = lambda _why: None,
) -> int:
    """Run the job; its exit code. What stopped it stands in the log, without a cell of the user's, and is `told`.

    `fixed`: the forms that are tried beside a tuning's trials.
    """
    try:
        run(read_given(environment), fixed)
    except Exception as error:  # noqa: BLE001 - the outermost edge
        print(traced(error), file=sys.stderr, flush=True)
        told(of_error(error))
        return 1
    return 0


def run(given: Given, fixed: Sequence[Member] = FIXED) -> None:
    """A trial or an ensemble, as the plan says."""
    plan, schema = read_plan(given.plan), read_schema(given.schema)
    table = read_table(given.train, given.validation, schema)
    machine = Machine(plan["seed"], given.threads)
    if plan["mode"] == "trial":
        found = judge(table, given.hyperparameters, machine, _say, aloud=plan["intermediate"])
        _say(printed({plan["metric"]: found[plan["metric"]], **found}))
        return
    _ensemble(given, plan, table, machine, fixed)


def _ensemble(given: Given, plan: Plan, table: Table, machine: Machine, fixed: Sequence[Member]) -> None:
    began = time.monotonic()
    positive = positive_of(table.schema)
    wanted = Wanted(plan["decision"], positive, plan["answer_nodes"])
    kept = None if given.checkpoints is None else _checkpoints(given.checkpoints, given, table)
    ended = train(
        table,
        plan["members"],
        wanted,
        machine,
        kept,
        lambda: time.monotonic() - began > _SHARE_OF_TIME * plan["max_seconds"],
        _say,
        fixed,
    )
    write_artifact(given.model, ended, table.schema, learned(table, ended, machine.seed))
    for note in ended.built.document["notes"]:
        _say(note)
    _say(printed(figures(ended.built.margins, ended.judged, Target(table.classes, positive, ended.unit.spread))))


def _checkpoints(folder: Path, given: Given, table: Table) -> Checkpoints:
    return Checkpoints(folder, fingerprint(given.plan.read_bytes(), given.schema.read_bytes(), table.labels.tobytes()))


def _say(line: str) -> None:
    print(line, flush=True)
