"""The month so far, the forecast, and endpoints that nobody asks: what a deployment has cost, from outside.

Runs are counted from their records, checks and endpoints from SageMaker. Requests of serverless endpoints, storage and
metrics are told by `plan-run`, and are not in it. Where a price or a time is not known, a line has no sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.table import Table

from chalicelib.aws.store import Store
from chalicelib.costs import crossing, spent
from chalicelib.costs.prices import HOURS_A_MONTH, Prices, Use
from chalicelib.mails import bills, serving
from chalicelib.mails.bills import usd
from chalicelib.names import CheckName
from chalicelib.requests.endpoints import VARIANT
from ops import dataset_status, records
from ops.costs.plan import MEMORY_MB
from ops.doctor import money
from ops.target import Target

LOOKED_BACK = timedelta(days=7)
"""Whose endpoint nobody asked for so long is idle."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What something has cost this month, and will have cost at its end; None: not known."""

    what: str
    so_far: float | None
    forecast: float | None
    todo: str = ""


def month_began(now: datetime) -> datetime:
    return datetime(now.year, now.month, 1, tzinfo=UTC)


def month_ends(now: datetime) -> datetime:
    return month_began(month_began(now) + timedelta(days=32))


def look(target: Target, now: datetime) -> list[Spent]:
    """Every line, runs and checks by dataset.

    Raises:
        OpsError: where the records lie is not known.
    """
    store, known = records.of(target), dataset_status.prices_of(target)
    names = dataset_status.datasets(target)
    checks = list(_checks(target, names, known, now))
    found = [jobs(f"runs of {name}", list(_runs(target, store, name, known, now)), now) for name in names]
    found += [jobs(f"checks of {name}", [cost for of, cost in checks if of == name], now) for name in names]
    endpoints = [
        endpoint(one, _created(target, one.endpoint), _asked(target, one.endpoint, now), known, now)
        for one in money.serving(target.client, target.prefix)
    ]
    return [*endpoints, *(one for one in found if one.so_far != 0)]


def jobs(what: str, costs: Sequence[float | None], now: datetime) -> Spent:
    """Jobs that have ended, forecast as if the month went on like this.

    >>> jobs("runs", [1.0, 2.0], datetime(2026, 11, 16, tzinfo=UTC))
    Spent(what='2 runs', so_far=3.0, forecast=6.0, todo='')
    """
    known = [one for one in costs if one is not None]
    named = f"{len(costs)} {what}"
    if len(known) < len(costs):
        return Spent(named, None, None)
    began = month_began(now)
    gone = max((now - began) / (month_ends(now) - began), 1 / 31)
    return Spent(named, sum(known), round(sum(known) / gone, 6))


def endpoint(one: money.Serving, created: datetime | None, asked: float | None, known: Prices, now: datetime) -> Spent:
    """An endpoint's hours, and what to do where nobody asks it or requests would be cheaper."""
    if not one.instance:
        return Spent(f"{one.endpoint} (serverless: by request)", 0.0, 0.0)
    price, began = known.of(Use.HOSTING, one.instance), month_began(now)
    what, todo = f"{one.endpoint} ({one.count} x {one.instance})", _advice(one, asked, known)
    if price is None or created is None:
        return Spent(what, None, None, todo)
    an_hour = price.usd * one.count
    hours, left = (now - max(created, began)) / timedelta(hours=1), (month_ends(now) - now) / timedelta(hours=1)
    return Spent(what, an_hour * hours, an_hour * (hours + left), todo)


def _advice(one: money.Serving, asked: float | None, known: Prices) -> str:
    if asked is None:
        return "How often it is asked is not known."
    if not asked:
        end = bills.removal(known.region, one.endpoint)
        return f"Nobody has asked it for {LOOKED_BACK.days} days. To end it: `{end}`; a promotion makes it again."
    break_even = serving.break_even(known, MEMORY_MB, one.instance)
    a_month = asked / LOOKED_BACK.days * HOURS_A_MONTH / 24
    if break_even is None or a_month >= break_even * one.count:
        return ""
    by_request = crossing.a_request(known.of(Use.SERVERLESS).usd, MEMORY_MB) * a_month  # type: ignore[union-attr]
    return (
        f"At {a_month:,.0f} requests a month a serverless endpoint costs about {usd(by_request)}: "
        "`endpoint: {mode: serverless, recreate: true}` in relay.yaml, where its model has one container."
    )


def _runs(target: Target, store: Store, dataset: str, known: Prices, now: datetime) -> Iterator[float | None]:
    began = month_began(now)
    pages = target.client("s3").get_paginator("list_objects_v2")
    listed = pages.paginate(Bucket=target.bucket, Prefix=f"runs/{dataset[:14].rstrip('-')}", Delimiter="/")
    for page in listed:
        for entry in page.get("CommonPrefixes", []):
            run = store.run(entry["Prefix"].split("/")[1])
            if run is not None and run.dataset == dataset and run.started >= began:
                parts = spent.of_run(run, known)
                yield spent.total(parts) if parts else 0.0


def _checks(
    target: Target, datasets: Sequence[str], known: Prices, now: datetime
) -> Iterator[tuple[str, float | None]]:
    sagemaker = target.client("sagemaker")
    pages = sagemaker.get_paginator("list_processing_jobs").paginate(CreationTimeAfter=month_began(now))
    for page in pages:
        for entry in page["ProcessingJobSummaries"]:
            name = CheckName.parse(entry["ProcessingJobName"])
            if name is not None and name.dataset in datasets:
                job = sagemaker.describe_processing_job(ProcessingJobName=str(name))
                yield name.dataset, _cost(job, known)


def _cost(job: dict[str, Any], known: Prices) -> float | None:
    cluster = job["ProcessingResources"]["ClusterConfig"]
    price = known.of(Use.PROCESSING, cluster["InstanceType"])
    began, ended = job.get("ProcessingStartTime"), job.get("ProcessingEndTime")
    if price is None or began is None or ended is None:
        return None
    return float(price.usd * cluster["InstanceCount"] * ((ended - began) / timedelta(hours=1)))


def _created(target: Target, name: str) -> datetime | None:
    created: datetime | None = target.client("sagemaker").describe_endpoint(EndpointName=name).get("CreationTime")
    return created


def _asked(target: Target, name: str, now: datetime) -> float | None:
    """How often an endpoint was asked lately; None where CloudWatch cannot be asked here."""
    if target.on_laptop:
        return None
    told = target.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        Dimensions=[{"Name": "EndpointName", "Value": name}, {"Name": "VariantName", "Value": VARIANT}],
        StartTime=now - LOOKED_BACK,
        EndTime=now,
        Period=86_400,
        Statistics=["Sum"],
    )
    return float(sum(one["Sum"] for one in told["Datapoints"]))


def total(found: Sequence[Spent]) -> tuple[float | None, float | None]:
    """So far and forecast of all; None where one line is not known."""
    both = [[one.so_far for one in found], [one.forecast for one in found]]
    so_far, forecast = (None if None in sums else sum(one or 0.0 for one in sums) for sums in both)
    return so_far, forecast


def as_document(found: Sequence[Spent], now: datetime) -> dict[str, Any]:
    """For programs (`--json`); null is not known."""
    so_far, forecast = total(found)
    lines = [{"what": one.what, "usd": one.so_far, "forecast": one.forecast, "todo": one.todo} for one in found]
    return {"version": 1, "month": f"{now:%Y-%m}", "usd": so_far, "forecast": forecast, "lines": lines}


def as_table(found: Sequence[Spent], now: datetime) -> Table:
    """A line each, the dearest first."""
    table = Table(title=f"{now:%B %Y} until now, in US dollars")
    for heading in ("What", "So far", "Forecast", "What to do"):
        table.add_column(heading, overflow="fold")
    for one in sorted(found, key=lambda one: -(one.forecast or 0.0)):
        table.add_row(one.what, _told(one.so_far), _told(one.forecast), one.todo)
    table.add_row("all of it", *map(_told, total(found)), "")
    return table


def _told(amount: float | None) -> str:
    return "not known" if amount is None else usd(amount)
