"""Every request that is sent in relays, checked as AWS would: known, valid by botocore's model, reviewed.

botocore's clients check types and required members; patterns, enumerations, lengths and bounds stand in their service
models, too, and are checked here. Each operation has a golden file with every kind of request that was sent; what
starts or registers something must be as tests/relay/golden has it (`reviewed.py`). To accept a change, run
`SAGERELAY_ACCEPT=1 python -m pytest tests/relay/test_requests.py tests/requests -n 0` and review the difference.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.model import Shape

from local.wire.errors import ApiError
from local.wire.shapes import compiled, service_model, validated
from tests.requests import operations, private, relays, reviewed
from tests.requests.plain import plain
from tests.requests.recorder import Recorder, Sent, recording

GOLDEN = Path(__file__).parent / "golden"
BY_FUNCTIONS, BY_JOBS = sorted(operations.of_functions()), sorted(operations.of_jobs())
PRIVATELY = [name for name in BY_FUNCTIONS if name.startswith(("sagemaker.Create", "sagemaker.Update"))]
"""What may tell of a key or a network: these are sent, and reviewed, under such settings too."""
CASES = [(who, name) for who, names in (("functions", BY_FUNCTIONS), ("jobs", BY_JOBS)) for name in names]
CASES += [("private", name) for name in PRIVATELY if name != "sagemaker.UpdateModelPackage"]  # a person's decision
REVIEWED = [(who, name) for who in reviewed.CASES for name in sorted(reviewed.operations(who))]
STORED = [case for case in CASES if case not in REVIEWED]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the functions sent, what the job scripts did, and what functions with a key and a network sent."""

    functions: Recorder
    jobs: Recorder
    private: Recorder

    def of(self, who: str, name: str) -> list[Sent]:
        return [sent for sent in getattr(self, who).sent if sent.name == name]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    functions, jobs, privately = Recorder(), Recorder(), Recorder()
    with relays.started(tmp_path_factory.mktemp("sagemaker")) as begin:
        with recording(functions):
            relay = begin()
            relays.happen(relay)
        with recording(jobs):
            relays.work_as_jobs(relay.around, tmp_path_factory.mktemp("jobs"))
    with relays.started(tmp_path_factory.mktemp("private"), private.SETTINGS) as begin, recording(privately):
        private.happen(begin())
    return Recorded(functions, jobs, privately)


def test_everything_that_the_functions_can_ask_for_was_asked_for(recorded: Recorded) -> None:
    assert recorded.functions.names() == set(BY_FUNCTIONS)
    assert recorded.functions.files() == operations.files_of_functions()


def test_everything_that_the_job_scripts_can_ask_for_was_asked_for(recorded: Recorded) -> None:
    assert recorded.jobs.names() == set(BY_JOBS)
    assert recorded.jobs.files() == operations.files_of_jobs()


@pytest.mark.parametrize(("who", "name"), CASES)
def test_aws_would_take_every_request(recorded: Recorded, who: str, name: str) -> None:
    for sent in recorded.of(who, name):
        validated(sent.service, sent.operation, sent.parameters)


KEY, SUBNETS, GROUPS = (private.SETTINGS[f"SAGERELAY_{name}"] for name in ("KMS_KEY", "SUBNETS", "SECURITY_GROUPS"))
JOBS = ("CreateProcessingJob", "CreateTrainingJob", "CreateHyperParameterTuningJob", "CreateModel")


@pytest.mark.parametrize("operation", [*JOBS, "CreateEndpointConfig", "CreateTransformJob"])
def test_with_a_key_and_a_network_every_machine_is_in_it_and_every_disk_under_the_key(
    recorded: Recorded, operation: str
) -> None:
    """A model has no disk of its own; a configuration and a transform take the network of their models."""
    requests = [sent.parameters for sent in recorded.of("private", f"sagemaker.{operation}")]
    assert requests
    for request in requests:
        if operation in JOBS:
            assert {"Subnets": SUBNETS.split(","), "SecurityGroupIds": [GROUPS]} in list(structures(request))
        if operation != "CreateModel":
            assert {one["VolumeKmsKeyId"] for one in structures(request) if "VolumeSizeInGB" in one} <= {KEY}
            keys = [value for one in structures(request) for name, value in one.items() if "KmsKey" in name]
            assert set(keys) == {KEY}


def structures(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from structures(inner)


def kinds(sent: Iterable[Sent]) -> list[Any]:
    """Every kind of request once, in order."""
    found = (plain(one, relays.DATASETS) for one in sent)
    by_text = {json.dumps(shown, sort_keys=True): shown for shown in found}
    return [by_text[text] for text in sorted(by_text)]


@pytest.mark.parametrize(("who", "name"), REVIEWED)
def test_what_is_started_is_what_was_reviewed_of_plain_records(recorded: Recorded, who: str, name: str) -> None:
    assert kinds(recorded.of(who, name)) == reviewed.reviewed(who, name)


def test_everything_that_tells_of_a_key_or_a_network_is_reviewed() -> None:
    assert {case for case in CASES if case[0] == "private"} <= set(REVIEWED) <= set(CASES)


@pytest.mark.parametrize(("who", "name"), STORED)
def test_the_requests_are_the_reviewed_ones(recorded: Recorded, who: str, name: str) -> None:
    made = kinds(recorded.of(who, name))
    file = GOLDEN / who / f"{name}.json"
    if os.environ.get("SAGERELAY_ACCEPT"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    assert json.loads(file.read_text(encoding="utf-8")) == made


def test_no_golden_file_is_left_over() -> None:
    there = {(file.parent.name, file.stem) for file in GOLDEN.glob("*/*.json")}
    assert there == set(STORED)


@pytest.mark.parametrize(
    ("service", "operation", "request_", "wrong"),
    [
        ("s3", "PutObject", {"Bucket": "b", "Key": "k", "StorageClass": "COLD"}, "enum value set"),
        ("s3", "GetObject", {"Bucket": "b", "Key": ""}, "length greater than or equal to 1"),
        ("dynamodb", "GetItem", {"TableName": "", "Key": {}}, "length greater than or equal to 1"),
        ("cloudwatch", "PutMetricAlarm", {"AlarmName": "a", "EvaluationPeriods": 0}, "greater than or equal to 1"),
        ("resourcegroupstaggingapi", "GetResources", {"TagFilters": [{"Key": ""}]}, "length greater than or equal"),
        ("sagemaker-runtime", "InvokeEndpoint", {"EndpointName": "a_b", "Body": b""}, "regular expression"),
        ("sns", "Publish", {"Text": "hello"}, 'Unknown parameter in input: "Text"'),
        ("events", "PutEvents", {"Entries": []}, "length greater than or equal to 1"),
    ],
)
def test_what_a_service_would_refuse_is_found(
    service: str, operation: str, request_: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(ApiError, match=wrong):
        validated(service, operation, request_)


@pytest.mark.parametrize("name", sorted({*BY_FUNCTIONS, *BY_JOBS}))
def test_every_pattern_is_one_that_python_understands(name: str) -> None:
    service, operation = name.split(".")
    for pattern in patterns(service_model(service).operation_model(operation).input_shape, set()):
        compiled(pattern)


def patterns(shape: Shape, seen: set[str]) -> Iterator[str]:
    if shape.name in seen:
        return
    seen.add(shape.name)
    if "pattern" in shape.metadata:
        yield shape.metadata["pattern"]
    inner = list(shape.members.values()) if shape.type_name == "structure" else []
    inner += [
        getattr(shape, part)
        for part in ("member", "key", "value")
        if shape.type_name in {"list", "map"} and hasattr(shape, part)
    ]
    for one in inner:
        yield from patterns(one, seen)
