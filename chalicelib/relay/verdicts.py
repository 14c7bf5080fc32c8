"""The gate: whether a candidate may replace the live model, with the reason in words.

Two questions. Is it good enough: at least the minimum asked for, or, when none is asked for, surely better than a naive
guess (the whole 95 % interval is, where there is one; else every second model of pure noise would go live)?
And is it no worse than the live model on the same rows? "Worse" is judged by the paired bootstrap: a difference whose
whole 95 % interval is on the wrong side of zero is a real loss; one that is larger than `max_loss` is refused even if
chance could explain it, because a user would rather keep what works. A model that is not shown to be better than the
live one must not be too far below the best earlier model either (`best.py`).

A model may rank well and yet say one and the same thing of every row. It can be of use, by its probabilities; but
whatever the verdict, that is said in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.contract.evaluation import Estimate, Evaluation
from chalicelib.contract.metrics import Metric, Metrics, Task, told
from chalicelib.mails.parts import cut, one_line
from chalicelib.records.run import Verdict
from chalicelib.relay.best import held
from chalicelib.relay.differences import Allowed, Gain, allowed, gain, too_few
from chalicelib.relay.gate_metric import gate_metric
from chalicelib.settings.max_loss import Meant
from chalicelib.settings.stored import Gate

NAME_LIMIT = 60
_ALLOWS = "that gate.max_loss allows"
_DOWNHILL = "Steps that are each not worse than the one before must not lead down."


def judge(evaluation: Evaluation, gate: Gate, task: Task, meant: Meant = Meant.SHARE) -> Verdict:
    """The verdict on a candidate.

    Args:
        evaluation: our block of evaluation.json.
        gate: the `gate` section of the settings.
        task: what kind of answer is learned.
        meant: how its `max_loss` is meant.
    """
    verdict = _judged(evaluation, gate, task, meant)
    always = _always_the_same(evaluation)
    return replace(verdict, reason=f"{verdict.reason} {always}") if always else verdict


def _judged(evaluation: Evaluation, gate: Gate, task: Task, meant: Meant) -> Verdict:
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
    earlier = held(evaluation, gate, meant, metric)
    beside = earlier.words if earlier else ""
    live = evaluation.get("live")
    if live and live.get("unavailable"):
        why = f"It could not be compared with the live model, so a person has to decide. {live['unavailable']}"
        return _verdict(enough, why, beside, ask=True)
    if not live:
        ask = earlier is not None and earlier.is_too_far_below
        decide = "Nothing serves, so a person has to decide." if ask else ""
        return _verdict(enough, "There is no live model to compare with.", beside, decide, ask=ask)
    better, against, is_shown = _against_live(evaluation, gate, meant, metric, float(value))
    if not better:
        return Verdict(promote=False, reason=f"{enough} {against}")
    if earlier and earlier.is_too_far_below:
        if not is_shown:
            return Verdict(promote=False, reason=f"{enough} {against} But {_lower(beside)} {_DOWNHILL}")
        beside = f"{beside} It is promoted all the same, because the live model is worse still."
    return _verdict(enough, against, beside, _surely_worse(evaluation, known, but=metric.name))


def _verdict(*sentences: str, ask: bool = False) -> Verdict:
    return Verdict(promote=True, reason=" ".join(sentence for sentence in sentences if sentence), ask=ask)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


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
    ends: Mapping[str, Any] = score.get("few") or score  # even too few rows to tell rule something out
    surely = ends.get("low") if sign > 0 else ends.get("high")
    good = sign * value > sign * float(naive)
    relation = "better than" if good else "no better than"
    if good and surely is not None and sign * surely <= sign * float(naive):
        good, relation = False, "which may be chance and no better than"
    return good, f"{shown}, {relation} the {metric.number(naive)} of always giving the same answer."


def _against_live(
    evaluation: Evaluation, gate: Gate, meant: Meant, metric: Metric, value: float
) -> tuple[bool, str, bool]:
    """Whether it may take the live model's place, why, and whether it is shown to be better."""
    difference = (evaluation.get("comparison") or {}).get(metric.name) or {}
    found = gain(difference, metric, value)
    if found is None:
        why = difference.get("undefined") or "No difference was computed."
        return False, f"It could not be compared with the live model. {why}", False
    promote, words = _worse_or_not(found, allowed(gate["max_loss"], meant, found))
    return promote, words, found.is_shown


def _worse_or_not(found: Gain, limit: Allowed) -> tuple[bool, str]:
    if found.is_nothing:
        return True, "It is exactly as good as the live model on the same rows."
    if found.is_certain_loss:
        return False, f"It is worse than the live model by {found.words}."
    if found.is_beyond(limit):
        too_far = f"more than the {limit.words} that gate.max_loss allows"
        return False, f"It is worse than the live model by {found.words}: {too_far}."
    if found.is_shown:
        return True, f"It is better than the live model by {found.words}."
    if found.few:
        return True, f"It is {'ahead of' if found.value >= 0 else 'behind'} the live model by {found.words}."
    if found.low is None:  # of a metric that is not resampled: what chance explains is not known
        return True, f"It is worse than the live model by {found.words}, within the {limit.words} {_ALLOWS}."
    chance = f"{found.place}, which chance explains"
    if found.reaches_beyond(limit):
        reach = f"within the {limit.words} {_ALLOWS}, but the interval reaches beyond that"
        return True, f"It is not shown to be worse than the live model, nor to be better: {chance}; {reach}."
    within = f"within the {limit.words} {_ALLOWS}, and not shown to be better"
    return True, f"It is not worse than the live model {within}: {chance}."


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
    if few := too_few(score):
        return f" ({few})"
    reach = metric.reach(score)
    return f" (95 % interval {reach})" if reach else ""
