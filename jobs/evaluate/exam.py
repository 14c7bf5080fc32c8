"""What a candidate's answers to captured rows have in common with those that were given: pure, numbers in, JSON out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.capture import Tally
from jobs.documents.evaluation import ChangedAnswer, OnTraffic
from jobs.evaluate.best import ROUNDING, Model
from jobs.metrics.confusion import FloatArray
from jobs.metrics.predictions import Predictions
from jobs.refusals import counted, listed, shown
from jobs.report import words
from jobs.schema import Schema, classes_of

CHANGES_TOLD = 3
_KEPT = 20


@dataclass(frozen=True)
class Captured:
    """Answered rows: `cells` as text by column, null where empty; `said` are places in `classes`, or numbers."""

    cells: pa.Table
    said: Any
    classes: tuple[str, ...] | None
    tally: Tally

    @property
    def rows(self) -> int:
        return len(self.said)

    def take(self, places: Any) -> Captured:
        return Captured(self.cells.take(pa.array(places)), self.said[places], self.classes, self.tally)

    @property
    def why_empty(self) -> str:
        """Why no row is left, as a sentence."""
        if not self.tally.records:
            return "No traffic of the live model has been captured yet, on which the new one could be tried."
        if problems := self.tally.problems():
            return f"No captured request could be used to try the new model on. {problems[0]['sentence']}"
        return (
            "Captured are only requests to earlier models, or SageRelay's own: callers have not asked the live one yet."
        )


@dataclass(frozen=True)
class Exam:
    """Captured rows that the candidate takes, its scores of them, and what it does not take, by column."""

    captured: Captured
    scores: FloatArray
    model: Model
    refused: Counter[str]


@dataclass(frozen=True)
class Mark:
    """What figures are held against: the candidate's mean absolute error, and how far both are apart on test rows (a
    share of changed labels, or a mean difference); None where that is not known."""

    error: float | None = None
    on_test_rows: float | None = None

    @classmethod
    def of(cls, candidate: Predictions, live: Predictions | None, error: float | None) -> Mark:
        """Both on the same rows, in the terms of the candidate."""
        if live is None:
            return cls(error)
        apart = candidate.predicted != live.predicted
        if candidate.task == "regression":
            apart = np.abs(candidate.predicted - live.predicted)
        return cls(error, float(np.mean(apart)))


def why_not(live: Schema, schema: Schema) -> str | None:
    """Why the candidate cannot be asked what the live model is asked, as a sentence; None where it can.

    Other classes are no reason: an answer that the live model could not give is a changed one.
    """
    cannot = "The new model was not tried on captured traffic:"
    if live["target"] != schema["target"]:
        return f"{cannot} the live model predicts {shown(live['target'])}, it {shown(schema['target'])}."
    if (live["classes"] is None) != (schema["classes"] is None):
        return f"{cannot} one of the two answers with numbers, the other with classes."
    known = {column["name"] for column in live["columns"]}
    missing = [one["name"] for one in schema["columns"]
               if one.get("used") and one["name"] != schema["target"] and one["name"] not in known]  # fmt: skip
    return f"{cannot} it uses {listed(missing)}, which callers do not send yet." if missing else None


def nothing(sentence: str) -> OnTraffic:
    """What is told where no row was compared."""
    return {
        "window": {"from": None, "to": None}, "rows": 0, "refused": 0, "unread": 0, "changed": None, "changes": None,
        "mean_difference": None, "largest_difference": None, "beyond": None, "beyond_what": None, "on_test_rows": None,
        "sentence": sentence,
    }  # fmt: skip


def document(exam: Exam, mark: Mark) -> OnTraffic:
    """The key `on_traffic` of evaluation.json."""
    captured, tally = exam.captured, exam.captured.tally
    refused = exam.refused.total()
    if not captured.rows:
        return {**nothing(f"Of {counted(refused, 'captured row')} the new model takes none."), "refused": refused}
    told = nothing("")
    told["rows"], told["refused"], told["unread"] = captured.rows, refused, tally.unreadable_records
    told["on_test_rows"] = mark.on_test_rows
    first, last = (None if one is None else f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in (tally.first, tally.last))
    told["window"] = {"from": first, "to": last}
    words_of = _labels(told, exam, captured.classes) if captured.classes else _numbers(told, exam, mark)
    told["sentence"] = " ".join(filter(None, (words_of, _refusal(exam.refused), _unread(tally))))
    return told


def _labels(told: OnTraffic, exam: Exam, known: Sequence[str]) -> str:
    said = np.array(known, object)[exam.captured.said]
    now = np.array(classes_of(exam.model.schema), object)[exam.model.labels(exam.scores)]
    pairs = Counter(zip(said[said != now].tolist(), now[said != now].tolist(), strict=True)).most_common(_KEPT)
    changes: list[ChangedAnswer] = [{"was": was, "now": now_, "rows": rows} for (was, now_), rows in pairs]
    told["changed"], told["changes"] = float(np.mean(said != now)), changes
    if not changes:
        return f"{_where(told)} the new model changes none of the live one's answers."
    named = ", ".join(f"{shown(one['was'])} to {shown(one['now'])} {one['rows']:,}" for one in changes[:CHANGES_TOLD])
    more = f" and {len(changes) - CHANGES_TOLD} more such changes" if len(changes) > CHANGES_TOLD else ""
    share = words.percent(told["changed"])
    return f"{_where(told)} the new model changes {share} of the live one's answers: {named}{more}.{_beside(told)}"


def _numbers(told: OnTraffic, exam: Exam, mark: Mark) -> str:
    said, now = exam.captured.said, exam.scores[:, 0]
    apart = np.abs(now - said)
    apart[apart <= ROUNDING * np.abs(said)] = 0.0  # answers are text of nine digits
    told["mean_difference"], told["largest_difference"] = float(apart.mean()), float(apart.max())
    if not apart.any():
        return f"{_where(told)} the new model says the same numbers as the live one."
    beyond, interval = "", exam.model.interval(exam.scores)
    if interval is not None:
        outside = (said < interval[:, 0]) | (said > interval[:, 1])
        told["beyond"], told["beyond_what"] = float(np.mean(outside & (apart > 0))), "interval"
        beyond = f", outside of the interval that it gives in {words.percent(told['beyond'])} of the rows"
    elif mark.error is not None:
        told["beyond"], told["beyond_what"] = float(np.mean(apart > mark.error)), "error"
        often, error = words.percent(told["beyond"]), words.amount(mark.error)
        beyond = f", more than its mean error of {error} in {often} of the rows"
    mean, largest = words.amount(told["mean_difference"]), words.amount(told["largest_difference"])
    how = f"the new model is {mean} from the live one's answers on average and {largest} at most{beyond}"
    return f"{_where(told)} {how}.{_beside(told)}"


def _beside(told: OnTraffic) -> str:
    found, is_share = told["on_test_rows"], told["changed"] is not None
    if found is None:
        return ""
    return f" On the test rows it is {words.percent(found) if is_share else words.amount(found)}."


def _where(told: OnTraffic) -> str:
    days = dict.fromkeys(moment[:10] for moment in (told["window"]["from"], told["window"]["to"]) if moment)
    period = f" of {' to '.join(days)}" if days else ""
    return f"On {counted(told['rows'], 'row')} of captured traffic{period}"


def _refusal(refused: Counter[str]) -> str:
    if not refused:
        return ""
    column, count = refused.most_common(1)[0]
    return (f"It refuses {counted(refused.total(), 'other row')} that the live model answered, "
            f"{count:,} for a cell in the column {shown(column)}.")  # fmt: skip


def _unread(tally: Tally) -> str:
    count = tally.unreadable_records
    return f"{counted(count, 'captured record')} could not be read." if count else ""
