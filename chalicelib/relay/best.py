"""The best model that a dataset has had in service: what it says of a candidate, and which model it is afterwards.

Each step that is "not worse than the model before" may be a little worse, and many such steps are a long way down. So
a candidate is also held against the best earlier model, which only a model that is shown to be better replaces: chance
alone moves it in one of forty comparisons. A candidate that is shown to be better than the live model leads upwards,
and is not stopped by an older one; to keep the live model would serve callers worse.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.contract.evaluation import BestEarlier, Evaluation
from chalicelib.contract.metrics import Metric, told
from chalicelib.mails.parts import cut, one_line
from chalicelib.records.run import BestModel, LiveModel, Run
from chalicelib.relay.differences import Gain, allowed, gain
from chalicelib.relay.gate_metric import gate_metric
from chalicelib.settings.max_loss import Meant
from chalicelib.settings.stored import Gate

WHY_LIMIT = 600


@dataclass(frozen=True, slots=True)
class Held:
    """What comes of holding a candidate against the best earlier model."""

    is_too_far_below: bool
    words: str


def held(evaluation: Evaluation, gate: Gate, meant: Meant, metric: Metric) -> Held | None:
    """The candidate against the best earlier model; None where that is the live one, or there is none."""
    earlier = evaluation.get("best_earlier")
    if not earlier:
        return None
    name = f"the best earlier model (run {one_line(earlier['run'])})"
    found = _gain(earlier, metric)
    if found is None:
        why = cut(one_line(_why_not(earlier, metric)), WHY_LIMIT)
        return Held(is_too_far_below=False, words=f"It could not be held against {name}. {why}")
    limit = allowed(gate["max_loss"], meant, found)
    if found.is_beyond(limit):
        words = f"It is worse than {name} by {found.words}: more than the {limit.words} that gate.max_loss allows."
        return Held(is_too_far_below=True, words=words)
    if found.is_nothing:
        return Held(is_too_far_below=False, words=f"It is exactly as good as {name} on the same rows.")
    if found.is_shown:
        return Held(is_too_far_below=False, words=f"It is better than {name} by {found.words}.")
    words = f"It is not further below {name} than the {limit.words} that gate.max_loss allows: {found.place}."
    return Held(is_too_far_below=False, words=words)


def after(run: Run, live: LiveModel) -> BestModel | None:
    """The best model when this run has put its own in service; None where nobody knows where that lies."""
    if run.artifact is None:
        return run.best
    this = BestModel(run.id, run.artifact, live.promoted)
    if run.best is None or run.evaluation is None or run.problem is None:
        return this
    metric = told(run.evaluation, run.problem.task)[gate_metric(run.settings["gate"]["metric"], run.problem.task)]
    if run.best_before is None:
        found = gain((run.evaluation.get("comparison") or {}).get(metric.name) or {}, metric, 0.0)
    else:
        earlier = run.evaluation.get("best_earlier")
        if not earlier:  # nobody looked: an evaluation of an earlier release
            return run.best
        found = _gain(earlier, metric)
    # What could not be compared now will not be comparable later: then the new model is where the next walk begins.
    return this if found is None or found.is_shown else run.best


def _gain(earlier: BestEarlier, metric: Metric) -> Gain | None:
    value, difference = earlier.get("value"), earlier.get("difference")
    if earlier.get("metric") != metric.name or value is None or not difference:
        return None
    shift = difference.get("difference")
    return None if shift is None else gain(difference, metric, value + shift)


def _why_not(earlier: BestEarlier, metric: Metric) -> str:
    undefined = (earlier.get("difference") or {}).get("undefined")
    return earlier.get("unavailable") or undefined or f"{metric.title} was not computed."
