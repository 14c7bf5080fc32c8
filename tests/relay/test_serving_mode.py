"""Which mode a run has: relay.yaml's word against what is true of the deployment, the algorithm and the live model."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib import codec
from chalicelib.records.run import LiveModel, Run
from chalicelib.serving_mode import Circumstances, Mode, resolve
from chalicelib.settings.relay_yaml import SettingsError, read_settings
from tests.relay.builders import LIVE, run

S, R, B = Mode.SERVERLESS, Mode.REALTIME, Mode.BATCH
CASES: list[tuple[dict[str, Any], dict[str, Mode]]] = [
    # of a new dataset
    ({}, {"auto": S, "serverless": S, "realtime": R, "batch": B}),
    ({"one_container": False}, {"auto": R, "serverless": R, "realtime": R, "batch": B}),
    ({"in_a_vpc": True}, {"auto": R, "serverless": R, "realtime": R, "batch": B}),
    ({"own_key": True}, {"auto": R, "serverless": R, "realtime": R, "batch": B}),
    ({"refused": "Image size 1 is greater"}, {"auto": R, "serverless": S, "realtime": R, "batch": B}),
    # of one that is served
    ({"live": S}, {"auto": S, "serverless": S, "realtime": R, "batch": B}),
    ({"live": R}, {"auto": R, "serverless": R, "realtime": R, "batch": B}),
    ({"live": R, "recreate": True}, {"auto": R, "serverless": S, "realtime": R, "batch": B}),
    ({"live": B}, {"auto": S, "serverless": S, "realtime": R, "batch": B}),
    ({"live": S, "refused": "none is left"}, {"auto": R, "serverless": S, "realtime": R, "batch": B}),
]


@pytest.mark.parametrize(("here", "modes"), CASES)
def test_the_mode_of_a_run(here: dict[str, Any], modes: dict[Any, Mode]) -> None:
    found = {asked: resolve(asked, Circumstances(**{"one_container": True, **here})) for asked in modes}

    assert {asked: resolved.mode for asked, resolved in found.items()} == modes
    assert all(resolved.because for resolved in found.values())


def test_who_is_not_served_as_asked_is_told_what_to_write() -> None:
    refused = resolve("serverless", Circumstances(one_container=True, live=R))
    remembered = resolve("auto", Circumstances(one_container=True, refused="none is left"))

    assert "`endpoint: {mode: serverless, recreate: true}`" in refused.because
    assert remembered.because.endswith("none is left")


def test_a_record_without_a_mode_is_of_a_real_time_endpoint() -> None:
    """Releases before had no other."""
    before = codec.to_document(run(live=LIVE))
    kept = json.loads(before)
    served = LiveModel("churn-00000000", "sagerelay-churn", 1, "2026-11-01T00:00:00Z", S)

    assert "mode" not in kept
    assert "mode" not in kept["live"]
    read = codec.from_document(Run, before, 1)
    assert read.live is not None
    assert (read.mode, read.live.mode) == (R, R)
    assert codec.from_document(Run, codec.to_document(run(live=served, mode=B)), 1) == run(
        live=served, mode=B, version=1
    )


# --- relay.yaml


@pytest.mark.parametrize(
    ("written", "mode"),
    [
        ("", "auto"),
        ("capture_percentage: 20", "auto"),
        ("memory_mb: 3072", "auto"),
        ("instance: ml.m5.large", "realtime"),
        ("mode: auto, count: 1", "realtime"),
        ("rollout: {bake_minutes: 5}", "realtime"),
        ("scaling: {max: 3, invocations_per_minute: 600}", "realtime"),
        ("scaling: null", "auto"),
        ("mode: serverless, scaling: null", "serverless"),
        ("mode: serverless, max_concurrency: 20", "serverless"),
        ("mode: batch", "batch"),
    ],
)
def test_what_is_a_real_time_endpoints_own_asks_for_one(written: str, mode: str) -> None:
    read = read_settings(f"endpoint: {{{written}}}")

    assert read.endpoint.mode == mode
    assert "mode" in read.endpoint.model_fields_set or "mode" not in written


def test_a_new_setting_is_kept_as_plain_values() -> None:
    read = read_settings("endpoint: {rollout: {bake_minutes: 5}}").as_stored()["endpoint"]

    assert read["rollout"] == {"how": "all_at_once", "percent": 10, "bake_minutes": 5}


def test_an_endpoint_that_is_scaled_begins_with_the_fewest_instances() -> None:
    scaled = "scaling: {min: 2, max: 4, invocations_per_minute: 600}"
    read = read_settings(f"endpoint: {{{scaled}, rollout: {{how: canary}}}}").as_stored()["endpoint"]
    chosen = read_settings(f"endpoint: {{count: 3, {scaled}}}").as_stored()["endpoint"]

    assert (read["count"], chosen["count"]) == (2, 3)
    assert read["scaling"] == {
        "min": 2,
        "max": 4,
        "invocations_per_minute": 600,
        "scale_in_seconds": 300,
        "scale_out_seconds": 300,
    }


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("endpoint: {mode: async}", "endpoint.mode: 'async' is not allowed; allowed: 'auto', 'serverless'"),
        ("endpoint: {mode: serverless, count: 2}", '"count" belongs to a real-time endpoint, and "mode: serverless"'),
        ("endpoint: {mode: batch, rollout: {}}", '"rollout" belongs to a real-time endpoint, and "mode: batch"'),
        ("endpoint: {memory_mb: 1500}", "endpoint.memory_mb: must be auto, or one of 1024, 2048"),
        ("endpoint: {max_concurrency: 201}", "endpoint.max_concurrency: 201 is not allowed; allowed: 200 or less"),
        ("endpoint: {rollout: {hew: canary}}", 'endpoint.rollout.hew: there is no such setting; did you mean "how"?'),
        ("endpoint: {rollout: {how: canary}}", '"rollout: {how: canary}" needs 2 instances or more, and "count" is 1'),
        (
            "endpoint: {mode: batch, scaling: {max: 3, invocations_per_minute: 600}}",
            '"scaling" belongs to a real-time endpoint, and "mode: batch" has none',
        ),
        ("endpoint: {scaling: {max: 3}}", "endpoint.scaling.invocations_per_minute: is missing"),
        ("endpoint: {scaling: {min: 4, max: 3, invocations_per_minute: 600}}", '"max: 3" is less than "min: 4"'),
        (
            "endpoint: {count: 5, scaling: {max: 3, invocations_per_minute: 600}}",
            '"count: 5" is none of the 1 to 3 instances that "scaling" allows',
        ),
        ("endpoint: {scaling: {most: 3}}", "endpoint.scaling.most: there is no such setting; known here: min, max"),
        ("endpoint: {idle_days: 366}", "endpoint.idle_days: 366 is not allowed; allowed: 365 or less"),
        ("endpoint: {when_idle: delete}", "endpoint.when_idle: 'delete' is not allowed; allowed: 'tell' or 'remove'"),
        ("endpoint: {expires: soon}", "endpoint.expires: 'soon' is not allowed; allowed: a date such as 2027-01-31"),
        ("endpoint: {expires: 0}", "endpoint.expires: 0 is not allowed; allowed: a date such as 2027-01-31"),
        ("endpoint: {expires: '86400'}", "endpoint.expires: '86400' is not allowed; allowed: a date such as"),
        ("endpoint: {expires: 2027-02-31}", "put it in quotes if it is a word"),
        ("endpoint: {mode: batch, idle_days: 30}", '"idle_days" is about an endpoint, and "mode: batch" has none'),
        ("endpoint: {rollout: {percent: 60}}", "endpoint.rollout.percent: 60 is not allowed; allowed: 50 or less"),
    ],
)
def test_each_mistake_is_told(written: str, told: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings(written)

    assert told in str(raised.value)
