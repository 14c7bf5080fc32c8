"""The JSON documents between the monitor and its jobs (docs/formats.md): what a check looks at written, results parsed.

Imported by the shell only when a document is at hand, because pydantic's models cost a cold start 30 ms.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chalicelib import json_files
from chalicelib.monitoring.facts import DriftRead, QualityRead, ResultMissing, ScoredRead, UploadedTestRead
from chalicelib.monitoring.record import Check
from chalicelib.names import CheckKeys, Kind, RunKeys
from chalicelib.predictions import PredictionKeys
from chalicelib.records.handed_over import Before, Context, ScoringContext, Window, pinned
from chalicelib.records.inputs import InputObject
from chalicelib.records.run import BestModel, LiveModel
from chalicelib.settings import max_loss
from chalicelib.settings.defaults import DEFAULTS
from chalicelib.settings.max_loss import Limit, Meant
from chalicelib.settings.stored import Monitoring

LATENESS = timedelta(days=2)
"""How long after its hour a capture file may arrive and still be counted."""
_MOST_TIMES = 1e9
SENTENCE_LIMIT = 600


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Problem(_Document):
    code: str
    sentence: str


class _Lost(_Document):
    """The loss of the deciding metric and what is allowed of it, in its own unit; documents of before say nothing."""

    amount: Annotated[float, Field(allow_inf_nan=False)]
    allowed: Annotated[float, Field(allow_inf_nan=False)]

    @property
    def times(self) -> float:
        """How many times what is allowed, at least once: it is only asked where that is certainly exceeded."""
        return min(max(self.amount / (self.allowed or DEFAULTS["monitoring"]["max_loss"]), 1.0), _MOST_TIMES)


class _Estimate(_Document):
    loss: Literal["certain", "possible", "none"] | None = None
    lost: _Lost | None = None


class _Judged(_Document):
    name: str
    verdict: str


class Drift(_Document):
    """What the monitor needs of drift.json."""

    version: Literal[1]
    state: Literal["drifted", "stable", "not-enough-traffic"]
    window: dict[str, Any]
    drifted: tuple[str, ...]
    predictions: tuple[_Judged, ...] = ()
    estimate: _Estimate | None = None
    problems: tuple[_Problem, ...] = ()


class Coverage(_Document):
    """How many labels found their rows."""

    unknown: int = 0


class _Labelled(_Document):
    rows: int


class _Relation(_Document):
    """Documents of earlier releases have none; a state that is none of these says nothing here."""

    state: str | None = None
    since: str | None = None
    worse: bool | None = None


class _Before(_Document):
    """The model before it on the same rows; documents of earlier releases have none."""

    run: str
    better: bool | None = None
    sentence: str = ""


class Quality(_Document):
    """What the monitor needs of quality.json."""

    version: Literal[1]
    state: Literal["fell", "kept", "not-enough-labels"]
    coverage: Coverage
    problems: tuple[_Problem, ...] = ()
    labelled: _Labelled | None = None
    relation: _Relation | None = None
    before: _Before | None = None
    lost: _Lost | None = None
    metric: str | None = None
    metrics: dict[str, Any] = {}


class _Scored(_Document):
    version: Literal[1]
    result: str


Result = DriftRead | QualityRead | UploadedTestRead | ScoredRead | ResultMissing


def read_result(check: CheckKeys, text: bytes | None, gate: Limit | None = None) -> Result:
    """The fact that a check's result amounts to. `gate`: for a quality check, where it is known."""
    if text is None:
        return ResultMissing(check.kind, check.ordinal, f"the job left no {check.result.rpartition('/')[2]}")
    try:
        match check.kind:
            case Kind.DRIFT | Kind.DRILL:
                return _drift(check, Drift.model_validate_json(text))
            case Kind.QUALITY:
                return _quality(check, Quality.model_validate_json(text), gate)
            case Kind.TEST:
                json_files.parsed(text)["sagerelay"]["metrics"]
                return UploadedTestRead(check.ordinal)
            case Kind.SCORE:
                _Scored.model_validate_json(text)
                return ScoredRead(check.ordinal)
    except (ValidationError, ValueError, LookupError, RecursionError, TypeError) as error:
        problem = str(error).splitlines()[0]
        file = check.result.rpartition("/")[2]
        return ResultMissing(check.kind, check.ordinal, f"{file} is not what this version understands: {problem}")


def _drift(check: CheckKeys, document: Drift) -> DriftRead:
    answers = tuple(judged.name for judged in document.predictions if judged.verdict == "drifted")
    return DriftRead(
        check.kind,
        check.ordinal,
        document.state,
        drifted=(*document.drifted, *answers),
        loss=document.estimate.loss if document.estimate else None,
        since=document.window.get("from"),
        problems=bool(document.problems),
        lost=_times(document.estimate),
    )


def _quality(check: CheckKeys, document: Quality, gate: Limit | None) -> QualityRead:
    relation, before = document.relation or _Relation(), document.before
    return QualityRead(
        check.ordinal,
        document.state,
        problems=tuple(sorted(problem.code for problem in document.problems)),
        unknown=document.coverage.unknown,
        labelled=bool(document.labelled and document.labelled.rows),
        changed=relation.state == "changed",
        since=relation.since,
        worse=bool(relation.worse),
        lost=_times(document),
        beyond_gate=_beyond(document, gate) if gate else None,
        better=before.run if before and before.better else None,
        compared=before.sentence[:SENTENCE_LIMIT] if before else "",
    )


def _beyond(document: Quality, gate: Limit) -> bool | None:
    """Whether the loss is certain (the whole interval on the side of worse) and beyond what the gate allows."""
    block = document.metrics.get(document.metric or "")
    if document.metric is None or document.lost is None or not isinstance(block, dict):
        return None
    told = [block.get(name) for name in ("difference_low", "difference_high", "at_promotion")]
    numbers = [float(one) for one in told if isinstance(one, int | float)]
    if len(numbers) < len(told):
        return None
    low, high, then = numbers
    lost, is_certain = document.lost.amount, low * high > 0
    return is_certain and lost > max(0.0, max_loss.allowed(gate.number, gate.meant, document.metric, then))


def _times(document: _Estimate | Quality | None) -> float:
    return document.lost.times if document and document.lost else 1.0


def window(
    check: Check,
    keys: CheckKeys,
    live: LiveModel,
    monitoring: Monitoring,
    meant: Meant,
    *,
    bucket: str,
    objects: Sequence[InputObject],
    labels: Sequence[InputObject] = (),
    relation: InputObject | None = None,
    before: BestModel | None = None,
    earlier: Sequence[str] = (),
) -> bytes:
    """window.json: exactly what a check looks at.

    Args:
        meant: how `monitoring.max_loss` is.
        relation: what the quality check before left.
        before: the model that one could go back to.
        earlier: keys of files that earlier checks have counted and that the next listing would still show.
    """
    document: Window = {
        "version": 1,
        "check": keys.name,
        "kind": keys.kind,
        "started": json_files.moment(keys.began),
        "dataset": keys.dataset,
        "endpoint": live.endpoint,
        "bucket": bucket,
        "live": {"run": live.run, "promoted": live.since},
        "drill": check.subject if keys.kind is Kind.DRILL else None,
        "settings": monitoring,
        "max_loss_meant": str(meant),
        "objects": [{"key": entry.key, "size": entry.size, "etag": entry.etag} for entry in objects],
        "labels": [pinned(entry) for entry in labels],
        "relation": None if relation is None else pinned(relation),
        "before": None if before is None else cast("Before", asdict(before)),
        "earlier": list(earlier),
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def scoring(keys: CheckKeys, live: LiveModel, context: Context, found: InputObject, bucket: str) -> bytes:
    """context.json of a file of rows. `context` is the live run's."""
    run, answers = RunKeys(live.run), PredictionKeys.of(keys.dataset, found.key, found.etag, live.run)
    document: ScoringContext = {
        **context,
        "run": live.run,
        "endpoint": live.endpoint,
        "live": None,
        "score": {
            "check": keys.name,
            "bucket": bucket,
            "object": pinned(found),
            "upload": answers.upload,
            "result": answers.result(found.key),
            "began": json_files.moment(keys.began),
            "promoted": live.promoted,
            "capture_percentage": context["settings"]["endpoint"]["capture_percentage"],
            "baseline": f"{run.prepared}/baseline.json",
            "answers": run.answers,
            "evaluation": run.evaluation_json,
        },
    }
    return json.dumps(document, ensure_ascii=False).encode()


def counted(window_text: bytes | None) -> tuple[list[str], datetime | None]:
    """The keys that this window and those before it have counted, and when it was drawn."""
    document = json_files.mapping(window_text) or {}
    try:
        keys = [entry["key"] for entry in document["objects"]]
        return [*document.get("earlier", []), *keys], datetime.fromisoformat(document["started"])
    except (KeyError, TypeError, ValueError):
        return [], None
