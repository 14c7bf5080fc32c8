"""A run over several algorithms: its comparison is read, and what the winner needs is put where all others read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib import form_names
from chalicelib.aws.errors import RefusedError
from chalicelib.names import RunKeys
from chalicelib.one_container import serves_alone
from chalicelib.records.events import ComparisonRead, ResultUnusable
from chalicelib.records.run import Run
from chalicelib.relay import comparing
from chalicelib.runtime import serving
from chalicelib.runtime.executor import Executor
from chalicelib.settings.stored import Settings


def compared(executor: Executor, run: Run, now: datetime) -> ComparisonRead | ResultUnusable:
    """What comparing left, and how the winner's model is to be served: some can be, as others cannot."""
    text = executor.objects.read(form_names.comparison_json(run.id))
    if text is None:
        return ResultUnusable("comparing left no comparison.json")
    found = comparing.read(text, run)
    if isinstance(found, ResultUnusable):
        return found
    settings: Settings = {**run.settings, "algorithm": found.winner}
    served = serving.with_mode(executor, replace(run, settings=settings), now)
    return ComparisonRead(found.values, found.problems, found.winner, served.mode, served.mode_because)


def adopt(executor: Executor, run: Run) -> None:
    """Copy what belongs to the winner from its folders to those of a run over one algorithm, which all others read.

    Raises:
        RefusedError: some of it is gone.
    """
    keys, name = RunKeys(run.id), str(run.settings["algorithm"])
    form = form_names.form(run.id, name)
    copied = [(f"{form}/schema.json", keys.schema)]
    if not serves_alone(executor.deployment.algorithms.of(run.settings), run.artifact, run.id):
        copied.append((f"{form}/encoder/model.tar.gz", keys.encoder))
    if run.trials:
        copied.append((form_names.trials(run.id, name), keys.trials))
    for source, target in copied:
        body = executor.objects.read(source)
        if body is None:
            raise RefusedError(f"{source} was deleted, and runs/ is SageRelay's own. Upload a file to train/ again.")
        executor.objects.write(target, body, _TYPES[target.rpartition(".")[2]])


_TYPES = {"json": "application/json", "gz": "application/gzip"}
