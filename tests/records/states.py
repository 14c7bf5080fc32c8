"""Whole states of a deployment as files: what lies in table, bucket and SageMaker at one moment of a scenario.

Golden states of each release are kept under `golden/<release>/`, made by that release's own code and never by hand:

    python -m tests.records.produce 0.1.0

Run it in a release's tree before the release; a state that is kept is never made again.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from chalicelib.records.orphans import Resource, Tagged
from tests.relay.builders import DEPLOYMENT
from tests.relay.world import World

GOLDEN = Path(__file__).parent / "golden"
State = dict[str, Any]


def taken(here: World) -> State:
    """Everything that is there now."""
    objects = {version.key: version for version in here.s3.versions("")}  # the newest of each
    fake = here.sagemaker
    return {
        "time": here.time.isoformat(),
        "table": list(here.dynamodb.items.values()),
        "bucket": [
            {"key": newest.key, "version": newest.id, "text": newest.body.decode()} for newest in objects.values()
        ],
        "sagemaker": {
            "calls": fake.calls,
            "endpoints": fake.endpoints,
            "packages": fake.packages,
            "things": [
                [since.isoformat(), str(thing.kind), thing.name, thing.dataset, thing.run]
                for since, thing in fake.things.values()
            ],
        },
    }


def put_back(here: World, state: State) -> None:
    """Make an empty world what it was then."""
    here.time = datetime.fromisoformat(state["time"])
    for item in state["table"]:
        here.dynamodb.put_item(TableName=DEPLOYMENT.table, Item=item)
    for entry in state["bucket"]:
        here.s3.put(entry["key"], entry["text"].encode(), entry["version"])  # S3 keeps them over an upgrade
    fake, was = here.sagemaker, state["sagemaker"]
    fake.calls, fake.endpoints, fake.packages = list(was["calls"]), dict(was["endpoints"]), dict(was["packages"])
    for since, kind, name, dataset, run in was["things"]:
        thing = Tagged(Resource(kind), name, dataset, run)
        fake.things[thing.kind, name] = (datetime.fromisoformat(since), thing)


def kept(release: str, scenario: str) -> State:
    """A golden state."""
    state: State = json.loads((GOLDEN / release / f"{scenario}.json").read_text(encoding="utf-8"))
    return state


def scenarios(release: str) -> list[str]:
    """The scenarios of which a release's states are kept."""
    return sorted(path.stem for path in (GOLDEN / release).glob("*.json"))
