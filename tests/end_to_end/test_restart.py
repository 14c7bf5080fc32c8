"""The laptop is switched off in the middle of a run, and on again."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.cloud import EmbeddedCloud
from local.events.delivery import Pace
from tests.end_to_end import tables
from tests.end_to_end.conftest import User

pytestmark = [pytest.mark.xdist_group("end_to_end"), pytest.mark.slow]

FASTER = Pace(schedule_speed=150, deployment_speed=2000)


def test_a_run_cut_off_while_tuning_goes_live_after_a_restart(alone: None, tmp_path: Path) -> None:
    with EmbeddedCloud(tmp_path, pace=FASTER) as cloud:
        user = User(cloud)
        user.settles("power", "churned")
        user.puts("datasets/power/train/jan.csv", tables.text().encode())
        user.waits_until(lambda: any("-tune-1" in name for name in user.jobs("power")), "a tuning")
        (run,) = user.run_ids("power")
        assert user.jobs("power") == {f"{run}-prepare-1": "Completed", f"{run}-tune-1": "InProgress"}

    with EmbeddedCloud(tmp_path, pace=FASTER) as cloud:
        user = User(cloud)
        mail = user.waits_for_mail("power")
        user.sees_no_endpoint("power-")
        cut_off = cloud.client("sagemaker").describe_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=f"{run}-tune-1"
        )

        assert (mail.attributes["kind"], mail.attributes["run"]) == ("promoted", run)
        assert cut_off["FailureReason"].startswith("InternalServerError")
        assert user.jobs("power") == {
            f"{run}-prepare-1": "Completed",
            f"{run}-tune-1": "Failed",
            f"{run}-tune-2": "Completed",
            f"{run}-train-1": "Completed",
            f"{run}-evaluate-1": "Completed",
        }
        answers = user.asks("power", "Bonn,60,1900\nKöln,20,1000\n")

    with EmbeddedCloud(tmp_path, pace=FASTER) as cloud:
        user = User(cloud)
        user.waits_until(lambda: user.status_of("sagerelay-power") == "InService", "the live endpoint in service")
        assert user.asks("power", "Bonn,60,1900\nKöln,20,1000\n") == answers
        cloud.bus.wait_idle(120)
        assert [mail.attributes["kind"] for mail in user.mails("power")] == ["promoted"]
        assert user.run_ids("power") == [run]
