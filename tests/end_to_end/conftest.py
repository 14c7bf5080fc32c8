"""An embedded cloud for this folder, and people who use it only as a user could.

To start one costs as much as a relay, so that files whose datasets do not meet share it. A file that needs a cloud of
its own asks for `alone` first: a process can hold one cloud only. pytest ends a folder's fixtures before it begins
another folder, so that no cloud meets those of other folders either.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib import names
from chalicelib.aws.store import Store
from chalicelib.names import StepName
from chalicelib.records.dataset import Dataset
from local.cloud import EmbeddedCloud
from local.events.delivery import Pace
from local.mailbox import Mail

TIMEOUT = 240.0
"""Seconds that a whole relay may take on a machine that is busy with other tests."""

QUICK = """
algorithm: xgboost
target: {target}
tuning: {{trials: 2, parallel: 2, ranges: {{max_depth: {{min: 2, max: 4}}}}}}
hyperparameters: {{num_round: 20}}
"""
UNTUNED = "algorithm: xgboost\ntuning: {enabled: false}\nhyperparameters: {num_round: 20}\n"


class User:
    """Somebody with the AWS command line and a mailbox."""

    def __init__(self, cloud: EmbeddedCloud) -> None:
        self.cloud = cloud

    def copies(self, file: Path, key: str) -> None:
        """`aws s3 cp`, the real one."""
        command = [sys.executable, "-m", "awscli", "--endpoint-url", self.cloud.endpoint_url]
        command += ["s3", "cp", str(file), f"s3://{self.cloud.bucket}/{key}", "--quiet"]
        subprocess.run(command, check=True, env={**os.environ, **self.cloud.environment}, timeout=240)

    def types(self, command: str) -> None:
        """A line for a shell, with the real AWS command line in it."""
        aws = f'aws() {{ {shlex.quote(sys.executable)} -m awscli --endpoint-url {self.cloud.endpoint_url} "$@"; }}'
        environment = {**os.environ, **self.cloud.environment}
        subprocess.run(["sh", "-c", f"{aws}; {command}"], check=True, env=environment, timeout=240)

    def puts(self, key: str, body: bytes) -> None:
        self.cloud.client("s3").put_object(Bucket=self.cloud.bucket, Key=key, Body=body)

    def settles(self, dataset: str, target: str, *more: str) -> None:
        """Upload a relay.yaml for a quick run."""
        text = "\n".join([QUICK.format(target=target), *more])
        self.puts(f"datasets/{dataset}/relay.yaml", text.encode())

    def reads(self, key: str) -> bytes:
        body: bytes = self.cloud.client("s3").get_object(Bucket=self.cloud.bucket, Key=key)["Body"].read()
        return body

    def keys(self, prefix: str) -> list[str]:
        """Of all objects below a prefix."""
        pages = self.cloud.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.cloud.bucket, Prefix=prefix)
        return [entry["Key"] for page in found for entry in page.get("Contents", [])]

    def results(self, dataset: str, document: str) -> list[str]:
        """The keys of a document of checks, such as `drift.json`, oldest first."""
        return sorted(key for key in self.keys(f"monitoring/{dataset}/") if key.endswith(f"/{document}"))

    def waits_for_mail(self, dataset: str, *, after: int = 0) -> Mail:
        """The first mail about a dataset after so many others about it."""
        return self.cloud.mailbox.wait_for(lambda mail: self._is_nth(mail, dataset, after), TIMEOUT)

    def mails(self, dataset: str) -> list[Mail]:
        return [mail for mail in self.cloud.mailbox.mails if mail.attributes.get("dataset") == dataset]

    def _is_nth(self, mail: Mail, dataset: str, after: int) -> bool:
        about = self.mails(dataset)
        return len(about) > after and mail == about[after]

    def sees_no_endpoint(self, dataset: str) -> None:
        """Deleting takes its time, as on AWS."""
        deadline = time.monotonic() + TIMEOUT
        while names := [name for name in self.endpoints() if dataset in name]:
            assert time.monotonic() < deadline, f"still there: {names}"
            time.sleep(0.1)

    def waits_until(self, is_so: Callable[[], object], what: str) -> None:
        """Looks ten times a second; fails saying what did not come, and what came instead."""
        deadline = time.monotonic() + TIMEOUT
        while not is_so():
            came = [mail.subject for mail in self.cloud.mailbox.mails]
            assert time.monotonic() < deadline, f"never: {what}; mails: {came}"
            time.sleep(0.1)

    def endpoints(self) -> list[str]:
        return [entry["EndpointName"] for entry in self.cloud.client("sagemaker").list_endpoints()["Endpoints"]]

    def status_of(self, endpoint: str) -> str:
        status: str = self.cloud.client("sagemaker").describe_endpoint(EndpointName=endpoint)["EndpointStatus"]
        return status

    def stands(self, dataset: str) -> Dataset:
        """The relay's own record of a dataset."""
        return Store(self.cloud.client("dynamodb"), self.cloud.table).dataset(dataset)

    def jobs(self, dataset: str) -> dict[str, str]:
        """The status of every job the relay itself started for a dataset, by name; no trials."""
        found: dict[str, str] = {}
        for kind in ("ProcessingJob", "HyperParameterTuningJob", "TrainingJob"):
            operation = "list_" + re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower() + "s"
            for page in self.cloud.client("sagemaker").get_paginator(operation).paginate():
                summaries = next(value for key, value in page.items() if key.endswith("Summaries"))
                found |= {one[f"{kind}Name"]: one[f"{kind}Status"] for one in summaries}
        runs = self.run_ids(dataset)
        return {name: status for name, status in found.items() if (own := StepName.parse(name)) and own.run in runs}

    def asks(self, dataset: str, body: str, **more: str) -> list[str]:
        """What the live endpoint answers to rows of CSV, by line."""
        runtime = self.cloud.client("sagemaker-runtime")
        answer = runtime.invoke_endpoint(EndpointName=f"sagerelay-{dataset}", ContentType="text/csv", Body=body, **more)
        lines: list[str] = answer["Body"].read().decode().splitlines()
        return lines

    def run_ids(self, dataset: str) -> list[str]:
        pages = self.cloud.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.cloud.bucket, Prefix=f"runs/{names.run_id(dataset, '')}", Delimiter="/")
        return [entry["Prefix"].split("/")[1] for page in found for entry in page.get("CommonPrefixes", [])]

    def evaluation(self, run: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.reads(f"runs/{run}/evaluation/evaluation.json"))
        return document["sagerelay"]


class Shared:
    """The folder's cloud, started when somebody asks for it and ended when somebody must be alone."""

    def __init__(self) -> None:
        self._cloud: EmbeddedCloud | None = None

    def cloud(self) -> EmbeddedCloud:
        self._cloud = self._cloud or EmbeddedCloud(pace=Pace(deployment_speed=2000))
        return self._cloud

    def end(self) -> None:
        if self._cloud is not None:
            self._cloud.stop()
        self._cloud = None


@pytest.fixture(scope="package")
def shared() -> Iterator[Shared]:
    made = Shared()
    yield made
    made.end()


@pytest.fixture(scope="module")
def cloud(shared: Shared) -> EmbeddedCloud:
    return shared.cloud()


@pytest.fixture(scope="module")
def alone(shared: Shared) -> None:
    """From here on the file has this process to itself."""
    shared.end()


@pytest.fixture(scope="module")
def user(cloud: EmbeddedCloud) -> User:
    return User(cloud)


@pytest.fixture(scope="module")
def examples() -> Callable[[str], Path]:
    return lambda name: Path(__file__).parents[2] / "examples" / name / f"{name}.csv"
