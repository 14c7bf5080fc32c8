"""Two datasets with the same schedule: their checks are one job, which looks at the traffic of each."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.aws.store import Store
from tests.end_to_end import tables
from tests.end_to_end.conftest import UNTUNED, User

DATASETS = ("east", "west")
SETTINGS = f"target: churned\n{UNTUNED}"
EACH_DAY_AT = 'monitoring: {{schedule: "cron({:%M %H} * * ? *)"}}\n'


def asked(user: User, dataset: str) -> None:
    """Callers ask, and what they ask is captured."""
    runtime = user.cloud.client("sagemaker-runtime")
    for place in range(0, 60, 20):
        rows = "\n".join(",".join(row[:-1]) for row in tables.rows(place, 20))
        runtime.invoke_endpoint(EndpointName=f"sagerelay-{dataset}", ContentType="text/csv", Body=rows)
    user.waits_until(lambda: user.keys(f"capture/sagerelay-{dataset}/"), f"traffic of {dataset}")


def drift(user: User, dataset: str) -> list[dict[str, Any]]:
    return [json.loads(user.reads(key)) for key in user.results(dataset, "drift.json")]


@pytest.mark.slow
def test_the_checks_of_two_datasets_are_one_job(user: User) -> None:
    for dataset in DATASETS:
        user.puts(f"datasets/{dataset}/relay.yaml", SETTINGS.encode())
        user.puts(f"datasets/{dataset}/train/jan.csv", tables.text().encode())
    for dataset in DATASETS:
        assert user.waits_for_mail(dataset).attributes["kind"] == "promoted"
    for dataset in DATASETS:
        asked(user, dataset)
    soon = EACH_DAY_AT.format(datetime.now(UTC) + timedelta(minutes=1))
    for dataset in DATASETS:
        user.puts(f"datasets/{dataset}/relay.yaml", (SETTINGS + soon).encode())
    user.waits_until(lambda: user.cloud.bus.fire("sweep") or all(drift(user, one) for one in DATASETS), "two checks")

    store = Store(user.cloud.client("dynamodb"), user.cloud.table)
    user.waits_until(lambda: not any(store.monitor(one).checks for one in DATASETS), "monitors at rest")
    jobs = user.cloud.client("sagemaker").list_processing_jobs(NameContains="-drift-")["ProcessingJobSummaries"]
    (job,) = [one["ProcessingJobName"] for one in jobs]
    outcomes = json.loads(user.reads(f"monitoring/_shared/{job}/outcomes.json"))["checks"]
    assert [(one["check"].partition("-")[0], one["code"]) for one in outcomes] == [(one, 0) for one in DATASETS]
    for dataset in DATASETS:
        (found,) = drift(user, dataset)
        assert (found["window"]["rows"], found["check"].partition("-")[0]) == (60, dataset)
        monitor = store.monitor(dataset)
        assert monitor.last_drift is not None
        assert monitor.used is not None
        assert user.results(dataset, "report.html")
    shares = [sum(monitor.used.seconds.values()) for monitor in map(store.monitor, DATASETS) if monitor.used]
    assert shares[0] == shares[1] > 0
