"""What evaluation.json says of a model beside its metrics: its leaderboard, the worth of its columns, its threshold,
and what it says of captured traffic.

No decision hangs on them. So what is not as expected is left out, and the verdict and its mail come all the same; and a
record keeps no more of them than a mail shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, ValidationError, model_serializer

from chalicelib.records.events import ResultUnusable

COLUMNS_KEPT, CONTESTANTS_KEPT, MEMBERS_KEPT = 12, 8, 8
NAME_LIMIT, SENTENCE_LIMIT = 100, 1_000


class Document(BaseModel):
    """A document of the jobs, or a part of one. What it has beyond this is ignored."""

    # NaN would pass every comparison of the gate, and no JSON holds it.
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class FewRows(Document):
    """So few rows of a class, or at all, that no interval is given; what even they rule out."""

    rows: int
    of: str | None = None
    low: float | None = None
    high: float | None = None


class Estimate(Document):
    """A measured value with its 95 % interval; `value` is None when it is undefined, and `undefined` says why. `few`
    stands in the interval's place, and is not there where there is one."""

    value: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    undefined: str | None = None
    few: FewRows | None = None

    @model_serializer(mode="wrap")
    def _as_it_came(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = plain(self)
        if self.few is None:
            del written["few"]
        return written


class PermutedColumn(Document):
    """What shuffling a column costs."""

    column: str
    value: float
    noise: bool


class Permutation(Document):
    """What the columns are worth."""

    noise: int
    columns: tuple[PermutedColumn, ...]


class Contestant(Document):
    """A model of the leaderboard."""

    title: str
    metrics: dict[str, Estimate]
    seconds: float | None = None
    answer_ms: dict[str, float] = {}


class Share(Document):
    """A member of the ensemble, and its part of the answer."""

    title: str
    weight: float


class Leaderboard(Document):
    """The model beside simpler ones."""

    metric: str
    loss: str
    entries: tuple[Contestant, ...]
    members: tuple[Share, ...] = ()
    sentence: str | None = None


class Decision(Document):
    """The threshold between two classes; `optimize`: None where a person gave it."""

    optimize: str | None
    threshold: float
    at: dict[str, float | None]
    at_half: dict[str, float | None]


class OnTraffic(Document):
    """The model on captured traffic of the live one."""

    rows: int
    changed: float | None = None
    mean_difference: float | None = None
    largest_difference: float | None = None
    beyond: float | None = None
    sentence: str


def not_understood(document: str, error: Exception) -> ResultUnusable:
    """That a job's document of this name is not as the relay expects it, and where it first is not."""
    problem = repr(error)
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        problem = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return ResultUnusable(f"{document} is not what this version understands: {problem}")


def beside(ours: Mapping[str, Any]) -> dict[str, Any]:
    """Of our block in evaluation.json what is there of these, and the class that a decision is about."""
    found: dict[str, Any] = {}
    if permutation := _read(Permutation, ours.get("permutation_importance")):
        columns = [{**one, "column": one["column"][:NAME_LIMIT]} for one in permutation["columns"][:COLUMNS_KEPT]]
        found["permutation_importance"] = {**permutation, "columns": columns}
    if board := _read(Leaderboard, ours.get("leaderboard")):
        entries = [{**one, "title": one["title"][:NAME_LIMIT]} for one in board["entries"][:CONTESTANTS_KEPT]]
        sentence = board["sentence"] and board["sentence"][:SENTENCE_LIMIT]
        members = [{**one, "title": one["title"][:NAME_LIMIT]} for one in board["members"][:MEMBERS_KEPT]]
        found["leaderboard"] = {**board, "entries": entries, "members": members, "sentence": sentence}
    if on_traffic := _read(OnTraffic, ours.get("on_traffic")):
        found["on_traffic"] = {**on_traffic, "sentence": on_traffic["sentence"][:SENTENCE_LIMIT]}
    if decision := _read(Decision, ours.get("decision")):
        found |= {"decision": decision, "positive_class": _name(ours.get("positive_class"))}
    return found


def _read(form: type[Document], given: Any) -> dict[str, Any] | None:
    try:
        return form.model_validate(given).model_dump(mode="json")
    except ValidationError:
        return None


def _name(given: Any) -> str | None:
    return given[:NAME_LIMIT] if isinstance(given, str) else None
