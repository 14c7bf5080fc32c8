"""What a model is worth, as a mail says it: beside simpler models, by column, at its threshold, and to callers.

Empty for evaluations of earlier releases and for models that cannot be looked into.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.contract.evaluation import Contestant, Decision, Evaluation, Leaderboard
from chalicelib.contract.metrics import ABSENT, Metric, Metrics, told
from chalicelib.mails.parts import cut, one_line, table

ENTRIES_SHOWN, COLUMNS_SHOWN, MEMBERS_SHOWN = 5, 5, 4
NAME_LIMIT = 60
TRAFFIC_LIMIT = 600
_HALF = 0.5
_NOT_TUNED = {"Best single trial": "XGBoost as given", "best trial": "XGBoost as given"}
"""What a training calls the first of the hyperparameters that it was handed, and what they are without a tuning."""
_LINEAR = "linear model"
_WORDS = {"cost": "a mean cost of", "accuracy": "", "balanced_accuracy": ""}
"""What a threshold can be chosen for beside F1, and how a mail calls it where the catalogue does not."""


def leaderboard(evaluation: Evaluation, *, tuned: bool = True) -> str:
    """The model beside simpler ones, and that a linear model would do where it would. `tuned`: there were trials; else
    what stands in the place of the best one has the hyperparameters that were given."""
    board = evaluation.get("leaderboard")
    if not board or not board["entries"]:
        return ""
    known = told(evaluation, evaluation["task"])
    shown = [known[name] for name in dict.fromkeys((board["metric"], board["loss"]))]
    entries = [(_title(one["title"], tuned=tuned), one) for one in board["entries"][:ENTRIES_SHOWN]]
    scores = [["", *(heading for metric in shown for heading in (metric.title, "95 % interval"))]]
    scores += [[title, *_scores(one, shown)] for title, one in entries]
    times = [["", "trained in", "answers 1 row", "1,000 rows"]]
    times += [[title, _seconds(one["seconds"]), *_times(one["answer_ms"])] for title, one in entries]
    worth = f"What it is worth, measured on the same rows:\n\n{table(scores)}"
    takes = f"What that takes:\n\n{table(times)}"
    return "\n\n".join(filter(None, (worth, takes, _members(board, tuned=tuned), one_line(board["sentence"] or ""))))


def _title(title: str, *, tuned: bool) -> str:
    return cut(one_line(title if tuned else _NOT_TUNED.get(title, title)), 24)


def _members(board: Leaderboard, *, tuned: bool) -> str:
    """What the ensemble is made of; linear members, of several strengths, add up to one."""
    weights: dict[str, list[float]] = {}
    for one in board.get("members") or ():
        weights.setdefault(_NOT_TUNED.get(one["title"], one["title"]) if not tuned else one["title"], []).append(
            one["weight"]
        )
    found = sorted(weights.items(), key=lambda one: -sum(one[1]))
    if list(weights) == [_LINEAR]:
        return "The ensemble is a linear model here: no trees have a weight in it."
    shown = [f"{one_line(cut(title, NAME_LIMIT))} {sum(parts):.0%}" for title, parts in found[:MEMBERS_SHOWN]]
    more = f" and {len(found) - MEMBERS_SHOWN} more" if len(found) > MEMBERS_SHOWN else ""
    return f"The ensemble is made of: {', '.join(shown)}{more}." if shown else ""


def _scores(one: Contestant, shown: list[Metric]) -> list[str]:
    """Value and interval by metric."""
    scores = [(metric, one["metrics"].get(metric.name) or {}) for metric in shown]
    return [
        cell for metric, score in scores for cell in (metric.number(score.get("value")), metric.reach(score) or ABSENT)
    ]


def _seconds(seconds: float | None) -> str:
    """
    >>> _seconds(0.04), _seconds(12.3), _seconds(None)
    ('0.04 s', '12 s', '-')
    """
    return ABSENT if seconds is None else f"{seconds:.2g} s" if seconds < 10 else f"{seconds:,.0f} s"


def _times(taken: Mapping[str, float]) -> list[str]:
    """
    >>> _times({"1": 0.4123, "1000": 35.2})
    ['0.41 ms', '35 ms']
    """
    found = (taken.get(rows) for rows in ("1", "1000"))
    return [ABSENT if one is None else f"{one:.2g} ms" if one < 10 else f"{one:,.0f} ms" for one in found]


def columns(evaluation: Evaluation) -> str:
    """The columns that matter, and how many do no better than noise."""
    found = evaluation.get("permutation_importance")
    if not found or not found["columns"]:
        return ""
    matter = [one_line(cut(one["column"], NAME_LIMIT)) for one in found["columns"] if not one["noise"]]
    if not matter:
        return "No column does better than noise on these rows."
    count = found["noise"]
    noise = "" if not count else f" {count:,} column{'s do' if count > 1 else ' does'} no better than noise."
    return f"What matters most: {', '.join(matter[:COLUMNS_SHOWN])}.{noise}"


def on_traffic(evaluation: Evaluation) -> str:
    """What the model would change for callers, as far as captured traffic tells."""
    found = evaluation.get("on_traffic")
    return cut(one_line(found["sentence"]), TRAFFIC_LIMIT) if found else ""


def threshold(evaluation: Evaluation) -> str:
    """From which probability on the endpoint says the positive class, and what that trades; nothing at one half."""
    decision = evaluation.get("decision")
    if not decision or decision["threshold"] == _HALF:
        return ""
    known = told(evaluation, evaluation["task"])
    name = cut(one_line(evaluation.get("positive_class") or "the positive class"), NAME_LIMIT)
    why = _why(decision["optimize"], known)
    here, half = (_traded(decision, side, known) for side in (decision["at"], decision["at_half"]))
    return (
        f'It says "{name}" from a probability of {decision["threshold"]:.3g} on, {why}. Out of fold that has {here}; '
        f"at 0.5 it would be {half}."
    )


def _why(optimize: str | None, known: Metrics) -> str:
    if optimize is None:
        return "as relay.yaml has it"
    return "for the costs given" if optimize == "cost" else f"for {known[optimize].title}"


def _traded(decision: Decision, side: Mapping[str, float | None], known: Metrics) -> str:
    wanted = decision["optimize"]
    names = ("precision", "recall", wanted if wanted in _WORDS else "f1")
    return ", ".join(f"{_WORDS.get(name) or known[name].title} {known[name].number(side.get(name))}" for name in names)
