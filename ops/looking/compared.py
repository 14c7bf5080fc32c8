"""Two runs beside each other: metrics, and what was different about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.contract.metrics import told
from chalicelib.mails.parts import duration
from chalicelib.records.run import Run
from ops.looking.layout import columns
from ops.target import OpsError

_EQUAL_ROWS = "Both were measured on the same rows; in brackets the 95 % interval of the difference."
_OTHER_ROWS = "Each was measured on its own test rows: a small difference may be theirs and not the models'."


def as_document(first: Run, second: Run) -> dict[str, Any]:
    """`compare --json`.

    Raises:
        OpsError: one of them has no metrics, or they answer different questions.
    """
    one, two = _metrics(first), _metrics(second)
    if first.problem and second.problem and first.problem.task is not second.problem.task:
        raise OpsError(
            f"{first.id} is a {first.problem.task} model and {second.id} a {second.problem.task} one: their metrics "
            "cannot be compared."
        )
    paired = _paired(first, second)
    names = [name for name in one if name in two]
    return {
        "version": 1,
        "kind": "compare",
        "runs": [first.id, second.id],
        "same_rows": paired is not None,
        "metrics": {
            name: {"values": [one[name], two[name]], "difference": _difference(one[name], two[name])} for name in names
        },
        "paired": paired,
        "differs": _differs(first, second),
    }


def lines(first: Run, second: Run) -> list[str]:
    """The same for people. Raises OpsError, as `as_document`."""
    document = as_document(first, second)
    assert first.evaluation  # noqa: S101 (as_document has looked)
    assert first.problem  # noqa: S101
    known = told(first.evaluation, first.problem.task)
    rows = []
    for name in (name for name in known.headlines if name in document["metrics"]):
        metric, (one, two) = known[name], document["metrics"][name]["values"]
        difference = metric.signed(document["metrics"][name]["difference"])
        if pair := (document["paired"] or {}).get(name):
            gain, low, high = (metric.signed(pair[name]) for name in ("difference", "low", "high"))
            difference = f"{gain} ({low} to {high})"
        rows.append((metric.title, metric.number(one), metric.number(two), difference))
    told_rows = columns(("", first.id, second.id, "Difference"), rows)
    differs = [(name, _word(one), _word(two)) for name, (one, two) in document["differs"].items()]
    note = _EQUAL_ROWS if document["same_rows"] else _OTHER_ROWS
    return [*told_rows, "", note, *(["", *columns(("Differs", first.id, second.id), differs)] if differs else [])]


def _metrics(run: Run) -> dict[str, float | None]:
    if run.evaluation is None or run.problem is None:
        raise OpsError(f"Run {run.id} has no metrics: it is {run.stage}.")
    return {name: (score or {}).get("value") for name, score in run.evaluation["metrics"].items()}


def _paired(first: Run, second: Run) -> dict[str, Any] | None:
    """The comparison that the second run's evaluation has made with the first one's model, on the same rows."""
    evaluation: Mapping[str, Any] = second.evaluation or {}
    live = evaluation.get("live")
    if not isinstance(live, Mapping) or live.get("run") != first.id:
        return None
    compared = evaluation.get("comparison")
    return dict(compared) if isinstance(compared, Mapping) else None


def _difference(one: float | None, two: float | None) -> float | None:
    return None if one is None or two is None else two - one


def _differs(first: Run, second: Run) -> dict[str, list[Any]]:
    """What was not the same, beside the metrics."""
    facts = [_facts(run) for run in (first, second)]
    names = dict.fromkeys([*facts[0], *facts[1]])
    pairs = {name: [fact.get(name) for fact in facts] for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _facts(run: Run) -> dict[str, Any]:
    rows = run.problem.rows if run.problem else {}
    settings = {
        f"{section}.{name}": value
        for section, values in run.settings.items()
        if isinstance(values, Mapping)
        for name, value in values.items()
    }
    plain = {name: value for name, value in run.settings.items() if not isinstance(value, Mapping)}
    return {
        "rows read": rows.get("read"),
        "files": run.inputs,
        "took": duration(run.seconds),
        "mode": str(run.mode),
        **dict(run.hyperparameters),
        **plain,
        **settings,
    }


def _word(value: Any) -> str:
    return "-" if value is None else str(value)
