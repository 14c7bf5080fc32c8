"""How an AWS envelope is read as a hint.

Key decoding, status spelling and all that is odd about AWS's envelopes stays here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib import names, transform_names
from chalicelib.names import CheckName, StepName
from chalicelib.records.events import (
    ApprovalGiven,
    CancelAsked,
    CheckChanged,
    CheckRequested,
    Hint,
    Ignored,
    LiveEndpointChanged,
    Misplaced,
    RetrainingRequested,
    RollbackRequested,
    StepChanged,
    Uploaded,
    WakeRequested,
)
from chalicelib.statuses import plain

_JOB_FIELDS = {
    f"SageMaker {kind} Job State Change": (f"{kind.replace(' ', '')}JobName", f"{kind.replace(' ', '')}JobStatus")
    for kind in ("Processing", "HyperParameter Tuning", "Training", "Transform")
}
_ENDED, _JUDGED = {"completed", "failed", "stopped"}, {"approved": True, "rejected": False}
_ENDPOINT_TELLS = {"inservice", "failed", "outofservice", "updaterollbackfailed", "rollingback"}
"""How an endpoint's change ended, or that it will not last."""
DRILL = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""A drill's id: it stands in a custom attribute of its requests and in mails."""
_LONGEST_REASON = 500
_AREAS = {"train", "test", "labels", "score", "code"}


def from_envelope(envelope: Mapping[str, Any], *, bucket: str, prefix: str) -> Hint:
    """The hint in an EventBridge envelope. Never raises: what is foreign, unfinished or malformed is `Ignored`."""
    kind, detail = envelope.get("detail-type"), envelope.get("detail")
    if not isinstance(detail, Mapping):
        return Ignored("an envelope without detail")
    if kind == "Object Created":
        return _upload(detail, bucket)
    if kind in _JOB_FIELDS:
        return _job(detail, *_JOB_FIELDS[kind])
    if kind in {"SageMaker Endpoint State Change", "SageMaker Endpoint Deployment State Change"}:
        return _endpoint(detail, prefix)
    if kind == "SageMaker Model Package State Change":
        return _approval(detail)
    if kind in _REQUESTS:
        # Whoever asks by hand need not name the deployment; `python -m ops` does.
        if detail.get("deployment", prefix) != prefix:
            return Ignored(f"asked of another deployment: {detail['deployment']!r}")
        return _REQUESTS[kind](detail, str(envelope.get("id", "")))
    return Ignored(f"an event of no concern: {kind}")


def _upload(detail: Mapping[str, Any], bucket: str) -> Hint:
    # EventBridge gives the key as it is; only direct S3 notifications url-encode it.
    entry = detail.get("object") or {}
    key, etag = str(entry.get("key", "")), str(entry.get("etag", ""))
    version = f"{etag} {entry.get('version-id') or entry.get('sequencer') or ''}".strip()
    if (detail.get("bucket") or {}).get("name") != bucket:
        return Ignored("an object in another bucket")
    root, _, rest = key.partition("/")
    if root != "datasets" or not rest:
        return Ignored(f"not a user's object: {key}")
    file = key.rpartition("/")[2]
    is_code = rest.split("/")[1:2] == ["code"]  # where __init__.py is a file like others
    if not file or file.startswith("." if is_code else (".", "_")):
        return Ignored(f"a folder or hidden file: {key}")
    return _placed(key, etag, rest.split("/"), version)


def _placed(key: str, etag: str, parts: list[str], version: str) -> Hint:
    dataset = parts[0]
    if len(parts) == 1:
        return Misplaced(key, etag, "It lies in no dataset. Upload it as datasets/<name>/train/<file>.")
    if not names.DATASET_NAME.fullmatch(dataset):
        rule = "use 1 to 30 small letters, digits and hyphens, beginning and ending with a letter or digit"
        named = f'"{dataset}" cannot be a dataset\'s name: {rule}'
        return Misplaced(key, etag, f"{named}, for example datasets/churn/train/jan.csv.")
    if parts[1:] == ["relay.yaml"] or (parts[1] in _AREAS and len(parts) > 2):
        return Uploaded(dataset, key, version)
    if parts[1:] in (["relay.yml"], ["relay.json"], ["relay.yaml.txt"]):
        return Misplaced(key, etag, f"Settings are read from datasets/{dataset}/relay.yaml only. Rename the file.")
    root = f"datasets/{dataset}"
    train = f"Training data belongs in {root}/train/, settings in {root}/relay.yaml,"
    rest = f"labelled test data in {root}/test/, rows to be predicted in {root}/score/, labels of live traffic in "
    rest += f"{root}/labels/, a training script of your own in {root}/code/."
    return Misplaced(key, etag, f"Nothing is read from there. {train} {rest}")


def _job(detail: Mapping[str, Any], name_field: str, status_field: str) -> Hint:
    name, status = str(detail.get(name_field, "")), str(detail.get(status_field, ""))
    if detail.get("TuningJobArn"):
        return Ignored(f"a child of a tuning job: {name}")
    step, check = transform_names.step_of(name), CheckName.parse(name)
    if plain(status) not in _ENDED:
        return Ignored(f"{name} is {status}")
    if step:
        return StepChanged(step.run, step.step, step.attempt)
    return CheckChanged(check) if check else Ignored(f"a job of somebody else: {name}")


def _endpoint(detail: Mapping[str, Any], prefix: str) -> Hint:
    name, status = str(detail.get("EndpointName", "")), str(detail.get("EndpointStatus", ""))
    if plain(status) not in _ENDPOINT_TELLS:
        return Ignored(f"endpoint {name} is {status}")
    if step := StepName.parse(name):
        return StepChanged(step.run, step.step, step.attempt)
    if dataset := names.dataset_of_endpoint(prefix, name):
        return LiveEndpointChanged(dataset)
    return Ignored(f"an endpoint of somebody else: {name}")


def _check(detail: Mapping[str, Any], request: str) -> Hint:
    dataset, drill = str(detail.get("dataset", "")), detail.get("drill")
    if not names.DATASET_NAME.fullmatch(dataset):
        return Ignored(f"a check of no dataset: {dataset!r}")
    if drill is not None and not DRILL.fullmatch(str(drill)):
        return Ignored(f"not a drill's id: {drill!r}")
    return CheckRequested(dataset, None if drill is None else str(drill), request)


def _rollback(detail: Mapping[str, Any], request: str) -> Hint:
    dataset, leave = str(detail.get("dataset", "")), str(detail.get("leave", ""))
    if not names.DATASET_NAME.fullmatch(dataset) or not re.fullmatch(names.RUN_ID, leave):
        return Ignored(f"a rollback of no dataset, or from no run: {dataset!r}, {leave!r}")
    to = detail.get("to")
    if to is not None and not re.fullmatch(names.RUN_ID, str(to)):
        return Ignored(f"a rollback to no run: {to!r}")
    return RollbackRequested(dataset, leave, _because(detail), request, None if to is None else str(to))


def _wake(detail: Mapping[str, Any], request: str) -> Hint:
    dataset = str(detail.get("dataset", ""))
    if not names.DATASET_NAME.fullmatch(dataset):
        return Ignored(f"a wish for no dataset: {dataset!r}")
    return WakeRequested(dataset, request)


def _answer(detail: Mapping[str, Any], *, approved: bool) -> Hint:
    run = str(detail.get("run", ""))
    if not re.fullmatch(names.RUN_ID, run):
        return Ignored(f"an answer about no run: {run!r}")
    return ApprovalGiven(run, approved=approved, because=_because(detail))


def _cancel(detail: Mapping[str, Any], _request: str) -> Hint:
    run = str(detail.get("run", ""))
    if not re.fullmatch(names.RUN_ID, run):
        return Ignored(f"a wish to cancel no run: {run!r}")
    return CancelAsked(run, _because(detail))


def _retraining(detail: Mapping[str, Any], request: str) -> Hint:
    dataset = str(detail.get("dataset", ""))
    if not names.DATASET_NAME.fullmatch(dataset):
        return Ignored(f"a training of no dataset: {dataset!r}")
    return RetrainingRequested(dataset, _because(detail), request)


def _because(detail: Mapping[str, Any]) -> str:
    """On one line and printable: it stands in histories and mails."""
    told = " ".join(str(detail.get("because") or "").split())[:_LONGEST_REASON]
    return "".join(character if character.isprintable() else "?" for character in told)


_REQUESTS: dict[object, Callable[[Mapping[str, Any], str], Hint]] = {
    "Check Requested": _check,
    "Rollback Requested": _rollback,
    "Wake Requested": _wake,
    "Approval Given": lambda detail, _: _answer(detail, approved=True),
    "Approval Declined": lambda detail, _: _answer(detail, approved=False),
    "Cancel Requested": _cancel,
    "Retraining Requested": _retraining,
}
"""What a person asks for by an event of their own: its detail type, and how its detail and id are read."""


def _approval(detail: Mapping[str, Any]) -> Hint:
    status = plain(detail.get("ModelApprovalStatus"))
    run = (detail.get("CustomerMetadataProperties") or {}).get("sagerelay_run")
    if not run or status not in _JUDGED:
        return Ignored(f"a model package of no concern: {detail.get('ModelPackageArn')}, {status}")
    return ApprovalGiven(str(run), approved=_JUDGED[status])
