"""Checks that share a job: which of those that are due, under what name, and where the job's own two files lie. Pure.

Starting a machine takes as long as a small check, so that twenty datasets with hourly checks would pay twenty starts
an hour. In a shared job each check has a process of its own, leaves its documents where it would leave them alone, and
fails alone. The job's name is made of the checks in it: whoever begins the same ones again begins the same job.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from chalicelib import json_files
from chalicelib.monitoring.facts import CheckUnseen, JobSeen
from chalicelib.monitoring.record import Check, Shared
from chalicelib.names import CheckKeys, CheckName, RunKeys
from chalicelib.records.used import Billed

AT_MOST = 50
"""Checks in a job: a function has to tell each of its end."""
BYTES = 256 * 1000**2
"""Of captured traffic in a job, so that it ends well within its limit. Memory is no matter: one after the other each
check has all of the machine's."""
_ROOT = "monitoring/_shared"
"""No dataset's name begins like this."""


@dataclass(frozen=True, slots=True)
class Due:
    """A check whose window is pinned and whose job may be shared."""

    keys: CheckKeys
    model: str
    """The run whose model is looked at."""
    previous: str | None
    """The key of the result of the check before."""
    instance: str
    volume_gb: int
    size: int
    """Bytes of captured traffic."""


def grouped(due: Iterable[Due]) -> list[tuple[Due, ...]]:
    """The checks that share a job, at least two in each; what is left out goes alone."""
    small = sorted((one for one in due if one.size <= BYTES), key=lambda one: (*_machine(one), one.keys.name))
    cut = [group for _, alike in groupby(small, _machine) for group in _cut(alike)]
    return [group for group in cut if len(group) > 1]


def _machine(due: Due) -> tuple[str, int]:
    return due.instance, due.volume_gb


def _cut(alike: Iterable[Due]) -> Iterator[tuple[Due, ...]]:
    group: list[Due] = []
    for one in alike:
        if len(group) == AT_MOST or sum(other.size for other in group) + one.size > BYTES:
            yield tuple(group)
            group = []
        group.append(one)
    yield tuple(group)


def job_of(group: tuple[Due, ...]) -> CheckName:
    """The name of their job: the first one's, marked by all of them."""
    first = group[0].keys
    mark = hashlib.sha256(" ".join(str(one.keys.job(1)) for one in group).encode()).hexdigest()[:6]
    return CheckName(first.dataset, first.kind, first.ordinal, mark, 1)


def checks_key(job: str) -> str:
    """Where it stands which checks are in a job."""
    return f"{_ROOT}/{job}/checks.json"


def outcomes_key(job: str) -> str:
    """Where a job that ended well says how each check ended."""
    return f"{_ROOT}/{job}/outcomes.json"


def document(group: tuple[Due, ...], bucket: str) -> bytes:
    """checks.json (docs/formats.md)."""
    checks = [_entry(one) for one in group]
    return json.dumps({"version": 1, "bucket": bucket, "checks": checks}, ensure_ascii=False).encode()


def _entry(due: Due) -> dict[str, str | None]:
    model = RunKeys(due.model)
    documents = {name: f"{model.prepared}/{name}.json" for name in ("schema", "baseline", "constraints")}
    documents |= {"answers": model.answers, "evaluation": model.evaluation_json}
    ours = {"check": due.keys.name, "dataset": due.keys.dataset, "root": due.keys.root, "window": due.keys.window}
    return {**ours, **documents, "previous": due.previous}


def members(text: bytes | None) -> dict[str, str]:
    """The datasets of the checks in a job, by the checks' names, of its checks.json; none in one that is not shared."""
    try:
        return {str(one["check"]): str(one["dataset"]) for one in (json_files.mapping(text) or {})["checks"]}
    except (KeyError, TypeError):
        return {}


def failure(text: bytes | None, check: CheckKeys) -> str | None:
    """Why this check failed in a job that ended well, of its outcomes.json; None where it did not."""
    try:
        outcomes = (json_files.mapping(text) or {})["checks"]
        why = [str(one["message"]) for one in outcomes if one["check"] == check.name and one["code"]]
    except (KeyError, TypeError):
        return None
    return why[0] if why else None


def of_member(fact: JobSeen, check: Check) -> JobSeen:
    """What is known of a job, as the fact of a check in it: billed in equal shares."""
    about = replace(fact, kind=check.kind, ordinal=check.ordinal, attempt=check.attempt)
    if isinstance(about, CheckUnseen) or about.billed is None or check.shared is None:
        return about
    return replace(about, billed=_share(about.billed, check.shared))


def _share(billed: Billed, shared: Shared) -> Billed:
    return billed if billed.seconds is None else billed._replace(seconds=billed.seconds / max(1, shared.checks))
