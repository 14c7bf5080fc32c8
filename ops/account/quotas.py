"""SageMaker's quotas for the instance types that are asked for, and what they mean for a run.

Pure but for `limits` and `asked_for`. A limit below what one run needs means that every run waits for ever; a limit
that one run fits in, but not two, only means that runs wait for each other, which the relay does by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.algorithms import BUILT_IN
from chalicelib.algorithms.protocol import Algorithm
from chalicelib.names import DatasetKeys
from chalicelib.settings import machines
from chalicelib.settings.dataset import DatasetSettings
from chalicelib.settings.relay_yaml import SettingsError, read_settings
from ops.account.finding import Finding, note, ok, problem, unknown
from ops.target import Clients

_CONSOLE = "https://{region}.console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas"


@dataclass(frozen=True, slots=True)
class Demand:
    """How many machines of a quota one run of a dataset holds at once."""

    quota: str
    count: int
    because: str
    is_sure: bool = True
    """Whether a run cannot do without; else only where AWS refuses what it asks for first."""


def demands(dataset: str, settings: DatasetSettings, data: float = 0.0) -> list[Demand]:
    """What one run of a dataset needs at once. `data`: bytes of CSV, by which `instances: auto` chooses.

    The live endpoint and a candidate serve side by side while it is evaluated, and during a promotion the live
    endpoint has its old and its new machines together.
    """
    chosen, tuning = machines.chosen(settings.as_stored(), data)["instances"], settings.tuning
    spot = "spot training" if settings.spot.enabled else "training"
    live = settings.endpoint.count
    return [
        Demand(f"{chosen['prepare']} for processing job usage", 1, f"{dataset}: prepare"),
        Demand(f"{chosen['evaluate']} for processing job usage", 1, f"{dataset}: evaluate"),
        Demand(f"{settings.monitoring.instance} for processing job usage", 1, f"{dataset}: checks"),
        Demand(
            f"{chosen['train']} for {spot} job usage",
            min(tuning.parallel, tuning.trials) if tuning.enabled else 1,
            f"{dataset}: trials side by side" if tuning.enabled else f"{dataset}: training",
        ),
        Demand(
            f"{settings.endpoint.instance} for endpoint usage",
            2 * live + 1,
            f"{dataset}: live, its successor, candidate",
            is_sure=settings.endpoint.mode == "realtime" or not choice_of(settings).one_container,
        ),
    ]


def choice_of(settings: DatasetSettings) -> Algorithm:
    """The algorithm that settings mean, as they were read."""
    return BUILT_IN.of(settings.as_stored())


def largest(all_demands: Iterable[Demand]) -> list[Demand]:
    """The largest demand on each quota."""
    found: dict[str, Demand] = {}
    for demand in all_demands:
        before = found.get(demand.quota)
        if before is None or (demand.is_sure, demand.count) > (before.is_sure, before.count):
            found[demand.quota] = demand
    return sorted(found.values(), key=lambda demand: demand.quota)


def judge(demand: Demand, limit: float | None, region: str) -> Finding:
    """What a limit means.

    >>> judge(Demand("ml.m5.large for endpoint usage", 3, "x: live"), 2.0, "eu-west-1").what
    'ml.m5.large for endpoint usage: 2, and one run needs 3 (x: live)'
    """
    subject, needs = "quota", f"one run needs {demand.count} ({demand.because})"
    if limit is None:
        return unknown(
            subject, f"{demand.quota}: SageMaker has no such quota here; {needs}", "Is the type's name right?"
        )
    if limit < demand.count and not demand.is_sure:
        return note(
            subject,
            f"{demand.quota}: {limit:g}, and {needs} where AWS refuses a serverless endpoint",
            f"Ask for at least {demand.count} at {_CONSOLE.format(region=region)} to be safe.",
        )
    if limit < demand.count:
        return problem(
            subject,
            f"{demand.quota}: {limit:g}, and {needs}",
            f"Ask for at least {demand.count} at {_CONSOLE.format(region=region)} (small requests are granted in "
            "minutes), or choose another type in relay.yaml. Until then runs wait and say so by mail.",
        )
    return ok(subject, f"{demand.quota}: {limit:g}; {needs}")


def findings(client: Clients, region: str, all_demands: Iterable[Demand]) -> Iterator[Finding]:
    """Each quota that is used, judged."""
    known = limits(client)
    for demand in largest(all_demands):
        yield judge(demand, known.get(demand.quota), region)


def limits(client: Clients) -> Mapping[str, float]:
    """Every quota of SageMaker by name: AWS's default where the account has none of its own."""
    quotas = client("service-quotas")
    found: dict[str, float] = {}
    for operation in ("list_aws_default_service_quotas", "list_service_quotas"):
        for page in quotas.get_paginator(operation).paginate(ServiceCode="sagemaker"):
            found |= {one["QuotaName"]: one["Value"] for one in page["Quotas"]}
    return found


def asked_for(client: Clients, bucket: str | None) -> list[Demand]:
    """The demands of the relay's defaults, and of every relay.yaml in the bucket that can be read."""
    found = demands("defaults", read_settings(None))
    if bucket is None:
        return found
    s3 = client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="datasets/", Delimiter="/"):
        for entry in page.get("CommonPrefixes", []):
            name = entry["Prefix"].split("/")[1]
            try:
                text = s3.get_object(Bucket=bucket, Key=DatasetKeys(name).settings)["Body"].read()
                found += demands(name, read_settings(text), _csv_bytes(s3, bucket, name))
            except SettingsError:  # a mail has told its mistakes, and no run begins with it
                continue
            except ClientError as error:
                if error.response["Error"]["Code"] not in {"NoSuchKey", "404"}:
                    raise
    return found


def _csv_bytes(s3: Any, bucket: str, dataset: str) -> float:
    """How much data a dataset has to train on."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=DatasetKeys(dataset).train)
    return machines.csv_bytes((one["Key"], one["Size"]) for page in pages for one in page.get("Contents", []))
