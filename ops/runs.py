"""The runs there have been: their ids, of the folders in the bucket, and their records."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

from chalicelib import names
from chalicelib.records.run import Run
from ops import near, records
from ops.target import OpsError, Target

_AT_ONCE = 8
"""Records read side by side: a person waits, and DynamoDB answers each in milliseconds."""


def ids(target: Target, beginning: str = "") -> list[str]:
    """The ids of all runs whose folders are still in the bucket, sorted."""
    pages = (
        target.client("s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=target.bucket, Prefix=f"runs/{beginning}", Delimiter="/")
    )
    listed = [entry["Prefix"].split("/")[1] for page in pages for entry in page.get("CommonPrefixes", [])]
    return [run_id for run_id in listed if re.fullmatch(names.RUN_ID, run_id)]


def found(target: Target, run_id: str) -> Run:
    """A run's record.

    Raises:
        OpsError: there is none; says which run may be meant.
    """
    run = records.of(target).run(run_id)
    if run is None:
        raise OpsError(f"There is no run {run_id}.{near.meant(run_id, ids(target))} `runs` lists them.")
    return run


def all_of(target: Target, dataset: str | None) -> list[Run]:
    """The runs of a dataset, or of all, newest first."""
    store = records.of(target)
    with ThreadPoolExecutor(_AT_ONCE) as several:
        read = several.map(store.run, ids(target, names.run_id(dataset, "") if dataset else ""))
    there = [run for run in read if run is not None and dataset in {None, run.dataset}]
    return sorted(there, key=lambda run: run.started, reverse=True)
