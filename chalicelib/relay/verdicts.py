"""The gate: whether a candidate may replace the live model, with the reason in words.

Two questions. Is it good enough: at least the minimum asked for, or, when none is asked for, surely better than a naive
guess (the whole 95 % interval is, where there is one; else every second model of pure noise would go live)?
And is it no worse than the live model on the same rows? "Worse" is judged by the paired bootstrap: a difference whose
whole 95 % interval is on the wrong side of zero is a real loss; one that is larger than `max_loss` is refused even if
chance could explain it, because a user would rather keep what works.

A model may rank well and yet say one and the same thing of every row. It can be of use, by its probabilities; but
whatever the verdict, that is said in it.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.contract.evaluation import Estimate, Evaluation
from chalicelib.contract.metrics import DEFAULT_GATE, METRICS, Metric, Metrics, Task, told
from chalicelib.mails.parts import cut, one_line
from chalicelib.records.run import Verdict
from chalicelib.settings.stored import Gate

NAME_LIMIT = 60


def gate_metric(asked: str, task: Task) -> str:
    """The metric that decides: the one asked for, or the task's default.

    Raises:
        ValueError: the metric asked for does not exist for this task.
    """
    if asked == "auto":
        return DEFAULT_GATE[task]
    if asked not in METRICS[task].names:
        allowed = ", ".join(sorted(METRICS[task].names))
        raise ValueError(f'gate.metric "{asked}" does not exist for a {task} target. Allowed for it: {allowed}.')
    return asked


def judge(evaluation: Evaluation, gate: Gate, task: Task) -> Verdict:
    """The verdict on a candidate.

    Args:
        evaluation: our block of evaluation.json.
        gate: the `gate` section of the settings.
        task: what kind of answer is learned.
    """
    verdict = _judged(evaluation, gate, task)
    always = _always_the_same(evaluation)
    return replace(verdict, reason=f"{verdict.reason} {always}") if always else verdict


def _judged(evaluation: Evaluation, gate: Gate, task: Task) -> Verdict:
    known = told(evaluation, task)
    metric = known[gate_metric(gate["metric"], task)]
    score = evaluation["metrics"].get(metric.name) or {}
    value = score.get("value")
    if value is None:
        why = score.get("undefined") or "The evaluation did not compute it."
        return Verdict(promote=False, reason=f"{metric.title} could not be measured. {why}")
    good, enough = _good_enough(evaluation, gate, metric, score, float(value))
    if not good:
        return Verdict(promote=False, reason=enough)
    live = evaluation.get("live")
    if live and live.get("unavailable"):
        why = f"It could not be compared with the live model, so a person has to decide. {live['unavailable']}"
        return Verdict(promote=True, reason=f"{enough} {why}", ask=True)
    better, against = _against_live(evaluation, gate, metric)
    also = _surely_worse(evaluation, known, but=metric.name) if better else ""
    return Verdict(promote=better, reason=" ".join(part for part in (enough, against, also) if part))


def _good_enough(evaluation: Evaluation, gate: Gate, metric: Metric, score: Estimate, value: float) -> tuple[bool, str]:
    minimum = gate["minimum"]
    sign = 1 if metric.larger_is_better else -1
    shown = f"{metric.title} is {metric.number(value)}{_interval(metric, score)}"
    if minimum is not None:
        word = "minimum" if sign > 0 else "maximum"
        good = sign * value >= sign * minimum
        relation = "meets" if good else "does not meet"
        return good, f"{shown}, which {relation} the {word} of {minimum:g}."
    naive = (evaluation.get("naive") or {}).get(metric.name)
    if naive is None:
        return True, f"{shown}."
    surely = score.get("low") if sign > 0 else score.get("high")
    good = sign * value > sign * float(naive)
    relation = "better than" if good else "no better than"
    if good and surely is not None and sign * surely <= sign * float(naive):
        good, relation = False, "which may be chance and no better than"
    return good, f"{shown}, {relation} the {metric.number(naive)} of always giving the same answer."


def _against_live(evaluation: Evaluation, gate: Gate, metric: Metric) -> tuple[bool, str]:
    live = evaluation.get("live")
    if not live:
        return True, "There is no live model to compare with."
    difference = (evaluation.get("comparison") or {}).get(metric.name) or {}
    gain = difference.get("difference")
    if gain is None:
        why = difference.get("undefined") or "No difference was computed."
        return False, f"It could not be compared with the live model. {why}"
    return _worse_or_not(gain, difference, gate["max_loss"], metric)


def _worse_or_not(gain: float, difference: Estimate, max_loss: float, metric: Metric) -> tuple[bool, str]:
    low, high = difference["low"], difference["high"]
    if low is None or high is None:
        return _without_interval(gain if metric.larger_is_better else -gain, max_loss, metric)
    if metric.smaller_is_better:
        gain, low, high = -gain, -high, -low
    if gain == low == high == 0:
        return True, "It is exactly as good as the live model on the same rows."
    reach = f"95 % interval of the gain {metric.signed(low)} to {metric.signed(high)}"
    shown = f"{metric.number(abs(gain))} ({reach}) on the same rows"
    if high < 0:
        return False, f"It is worse than the live model by {shown}."
    if gain < -max_loss:
        return (
            False,
            f"It is worse than the live model by {shown}: more than the {max_loss:g} that gate.max_loss allows.",
        )
    if low > 0:
        return True, f"It is better than the live model by {shown}."
    direction = "ahead of" if gain >= 0 else "behind"
    return True, f"It is not worse than the live model: {direction} it by {shown}, which chance explains."


def _without_interval(gain: float, max_loss: float, metric: Metric) -> tuple[bool, str]:
    """Of a metric that is not resampled: what chance explains is not known, so only `max_loss` decides."""
    side = "better" if gain > 0 else "worse"
    shown = f"It is {side} than the live model by {metric.number(abs(gain))} on the same rows"
    if gain < -max_loss:
        return False, f"{shown}: more than the {max_loss:g} that gate.max_loss allows."
    return True, f"{shown}." if gain else "It is exactly as good as the live model on the same rows."


def _surely_worse(evaluation: Evaluation, known: Metrics, *, but: str) -> str:
    """The headline metrics that fell for certain although the one that decides did not: the owner may mind them."""
    fallen = []
    for name in known.headlines:
        metric, difference = known[name], (evaluation.get("comparison") or {}).get(name) or {}
        worst = difference.get("high") if metric.larger_is_better else difference.get("low")
        if name == but or worst is None:
            continue
        if (worst < 0) if metric.larger_is_better else (worst > 0):
            fallen.append(f"{metric.title} ({metric.signed(difference['difference'])})")
    return f"But it is worse than the live model in {', '.join(fallen)}." if fallen else ""


def _always_the_same(evaluation: Evaluation) -> str:
    """That the model says one thing of every test row, where it does; evaluations of old tell by their matrix."""
    classes, matrix = evaluation.get("classes") or (), evaluation.get("confusion_matrix") or ()
    answer = evaluation.get("only_answer")
    if answer is None:
        said = [place for place in range(len(classes)) if any(row[place] for row in matrix)]
        if len(said) != 1:
            return ""
        answer = classes[said[0]]
    never = [name for name in classes if name != answer]
    told = f'But its answer is always "{cut(one_line(answer), NAME_LIMIT)}"'
    if len(never) == 1:
        decision = evaluation.get("decision")
        threshold = decision["threshold"] if decision else 0.5
        told += f': at the threshold of {threshold:.3g} it never says "{cut(one_line(never[0]), NAME_LIMIT)}"'
    return f"{told}."


def _interval(metric: Metric, score: Estimate) -> str:
    low, high = score.get("low"), score.get("high")
    return "" if low is None or high is None else f" (95 % interval {metric.number(low)} to {metric.number(high)})"
