"""Whether the same inputs still have the same outcomes, of the rows of a check: jobs/relation, with this job's own
documents and rows around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from jobs.documents.answers import Answers
from jobs.documents.quality import Relation
from jobs.documents.window import Window
from jobs.ground_truth.document import seconds_of
from jobs.ground_truth.joining import Joined
from jobs.ground_truth.labels import Labels
from jobs.relation.bets import bets
from jobs.relation.document import document, undefined
from jobs.relation.following import Rows, State, follow
from jobs.relation.promises import promises
from jobs.relation.state import read, written
from jobs.schema import Schema


@dataclass(frozen=True)
class Followed:
    """The "relation" of quality.json, and relation.json (None where nothing can be followed)."""

    relation: Relation
    state: str | None


def followed(
    window: Window, schema: Schema, answers: Answers | None, before: bytes | None, labels: Labels, joined: Joined
) -> Followed:
    """With the rows of this check that have not counted yet.

    Args:
        answers: the live model's answers.json.
        before: relation.json of the check before, None where there is none.
    """
    promised = promises(answers)
    if isinstance(promised, str):
        return Followed(undefined(promised), None)
    run, bet = window["live"]["run"], bets(promised)
    live = np.flatnonzero(joined.by_live_model(seconds_of(window["live"]["promoted"])))
    rows = Rows(
        labels.ids.take(pa.array(joined.label[live])),
        joined.actual[live],
        joined.predicted[live],
        None if joined.probability is None else joined.probability[live],
        joined.seconds[live],
        joined.cells.take(pa.array(live)),
        [
            column["name"]
            for column in schema["columns"]
            if column.get("used") and column["name"] in joined.cells.column_names
        ],
    )
    state = read(before, run, promised, bet) or State.nothing(promised, bet)
    after = follow(state, promised, bet, rows, window["check"])
    return Followed(document(after, promised, bet), written(after, run, window["check"]))
