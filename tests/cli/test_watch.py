"""Watching a run through clients (see conftest.py for the fakes)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib import codec
from chalicelib.contract.metrics import Task
from chalicelib.names import Step
from chalicelib.records.commands import GoBack
from chalicelib.records.dataset import Dataset, LastRun
from chalicelib.records.events import JobRecord
from chalicelib.records.run import Failure, Problem, Run, Stage, Verdict
from chalicelib.settings.defaults import filled
from local.cli.changes import changes
from local.cli.observer import Observer
from local.cli.progress import Progress
from local.cli.relay_run import SILENCE, conclusion, drop, is_there, report_of, watch
from local.cli.results import save
from local.cli.upload import upload

NOON = datetime.now(UTC)
RUN = "churn-1a2b3c4d"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def a_run(**changes: Any) -> Run:
    return replace(Run(RUN, "churn", filled({}), started=NOON, updated=NOON, inputs=1), **changes)


def processing(status: str, start: float, end: float | None = None, why: str | None = None) -> dict[str, Any]:
    ended = {} if end is None else {"ProcessingEndTime": at(end)}
    return {"ProcessingJobStatus": status, "CreationTime": at(start), "ExitMessage": why, **ended}


def look(cloud: Any) -> Progress:
    return Observer(cloud.client, bucket="b", table="t").look("churn")


def test_before_anything_there_is_nothing_to_see(cloud: Any) -> None:
    assert look(cloud) == Progress()


def test_a_job_that_is_asked_for_but_not_there_yet_is_no_error(cloud: Any) -> None:
    cloud.record(a_run())
    assert look(cloud).works == ()


def test_a_failed_job_shows_its_exit_message(cloud: Any) -> None:
    cloud.sagemaker.things[f"{RUN}-prepare-1"] = processing("Failed", 0, 2, "[empty-file] nothing in it")
    failure = Failure(Stage.PREPARING, f"{RUN}-prepare-1", "The file is empty.", "Upload it again.")
    cloud.record(a_run())
    observer = Observer(cloud.client, bucket="b", table="t")
    observer.look("churn")
    cloud.record(a_run(stage=Stage.FAILED, failure=failure), active=False)
    seen = observer.look("churn")
    assert [(work.status, work.failure) for work in seen.works] == [("Failed", "[empty-file] nothing in it")]
    assert seen.over
    assert seen.reason == "The file is empty. Upload it again."


def test_a_run_that_is_over_stays_so_while_callers_go_back_to_the_model_before(cloud: Any) -> None:
    cloud.record(a_run(stage=Stage.LIVE), active=False)
    observer = Observer(cloud.client, bucket="b", table="t")
    before = observer.look("churn")
    begun = Dataset("churn", last=LastRun(RUN, 1, "f" * 16, "v"), pending=(GoBack(),))
    cloud.dynamodb.items["dataset#churn"] = codec.to_document(begun)
    during = observer.look("churn")
    assert (before.over, during.over) == (True, True)
    assert changes(before, during) == []


def test_trials_show_only_what_is_tuned(cloud: Any) -> None:
    cloud.sagemaker.things[f"{RUN}-tune-1"] = {
        "HyperParameterTuningJobStatus": "InProgress",
        "CreationTime": at(3),
        "HyperParameterTuningJobConfig": {
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:logloss"},
            "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "eta"}], "IntegerParameterRanges": []},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 12},
        },
    }
    cloud.sagemaker.children = [
        {
            "TrainingJobName": "c-001",
            "TrainingJobStatus": "Completed",
            "TrainingStartTime": at(3),
            "TrainingEndTime": at(5),
            "TunedHyperParameters": {"eta": "0.3", "num_round": "100"},
            "FinalHyperParameterTuningJobObjectiveMetric": {"Value": 0.4},
        },
        {"TrainingJobName": "c-002", "TrainingJobStatus": "InProgress", "TunedHyperParameters": {"eta": "0.1"}},
    ]
    cloud.record(a_run(stage=Stage.TUNING, problem=Problem(Task.BINARY, ("no", "yes"), "x", {})))
    search = look(cloud).search
    assert search is not None
    assert (search.metric, search.maximize, search.most, len(search.finished)) == ("logloss", False, 12, 1)
    assert search.best is not None
    assert (search.best.hyperparameters, search.best.seconds) == ({"eta": "0.3"}, 2.0)


def test_a_grid_has_as_many_trials_as_it_has_points(cloud: Any) -> None:
    choices = [{"Name": "max_depth", "Values": ["2", "4", "6"]}, {"Name": "booster", "Values": ["gbtree", "dart"]}]
    cloud.sagemaker.things[f"{RUN}-tune-1"] = {
        "HyperParameterTuningJobStatus": "InProgress",
        "CreationTime": at(3),
        "HyperParameterTuningJobConfig": {
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:logloss"},
            "ParameterRanges": {"CategoricalParameterRanges": choices},
            "ResourceLimits": {"MaxParallelTrainingJobs": 2},
        },
    }
    cloud.record(a_run(stage=Stage.TUNING, problem=Problem(Task.BINARY, ("no", "yes"), "x", {})))
    search = look(cloud).search
    assert search is not None
    assert search.most == 6


def test_the_live_endpoint_is_not_done_before_it_serves_this_run(cloud: Any) -> None:
    endpoint = {"EndpointStatus": "InService", "CreationTime": at(-900), "LastModifiedTime": at(-800)}
    cloud.sagemaker.things["sagerelay-churn"] = {**endpoint, "EndpointConfigName": "churn-00000000-live-1"}
    run = a_run(
        stage=Stage.PROMOTING, problem=Problem(Task.BINARY, None, "x", {}), verdict=Verdict(promote=True, reason="r")
    )
    cloud.record(run)
    assert [work.finished for work in look(cloud).works] == [False]
    cloud.sagemaker.things["sagerelay-churn"] = {**endpoint, "EndpointConfigName": f"{RUN}-live-1"}
    assert [work.finished for work in look(cloud).works] == [True]


def test_a_candidate_that_is_gone_keeps_the_times_of_the_record(cloud: Any) -> None:
    job = JobRecord(Step.CANDIDATE, f"{RUN}-candidate-1", at(1), at(4))
    cloud.record(
        a_run(stage=Stage.LIVE, jobs=(job,), verdict=Verdict(promote=True, reason="Better than nothing.")), active=False
    )
    (work,) = look(cloud).works
    assert (work.status, work.started, work.ended) == ("InService", at(1), at(4))


def evaluated(stage: Stage) -> Run:
    measured = {"value": 0.9, "low": 0.88, "high": 0.92, "undefined": None}
    return a_run(
        stage=stage,
        problem=Problem(Task.BINARY, ("no", "yes"), "x", {}),
        evaluation={"metrics": {"auc": measured, "mcc": measured}, "naive": {"auc": 0.5}, "live": None},
        verdict=Verdict(promote=stage is Stage.LIVE, reason="ROC AUC 0.9."),
    )


def test_the_headline_figures_are_shown(cloud: Any) -> None:
    cloud.record(evaluated(Stage.LIVE), active=False)
    (figure,) = look(cloud).figures
    assert (figure.name, figure.value, figure.naive, figure.live) == ("ROC AUC", 0.9, 0.5, None)


def script(*acts: Callable[[], None]) -> Callable[[float], None]:
    """A sleep that lets the next thing happen each time; after the last one nothing happens any more."""
    rest = iter(acts)
    return lambda _seconds: next(rest, lambda: None)()


def test_a_run_is_watched_until_its_email_is_there(cloud: Any, ear: Any) -> None:
    acts = script(
        lambda: cloud.record(a_run()),
        lambda: cloud.record(evaluated(Stage.LIVE), active=False),
        lambda: cloud.mail("churn: promoted", "promoted"),
    )
    outcome = watch(cloud, "churn", ear, sleep=acts, started=NOON)
    assert outcome.live
    assert ear.mails == ["churn: promoted"]
    assert ear.last.stage == "live"
    assert conclusion(outcome).startswith("The model is live.")


@pytest.mark.parametrize(("kind", "stage"), [("rejected", Stage.REJECTED), ("failed", Stage.FAILED)])
def test_a_run_that_does_not_go_live_says_why(kind: str, stage: Stage, cloud: Any, ear: Any) -> None:
    failure = Failure(Stage.TRAINING, "j", "No capacity.", "Try later.") if stage is Stage.FAILED else None

    def end() -> None:
        cloud.record(replace(evaluated(stage), failure=failure), active=False)
        cloud.mail("churn: no", kind)

    outcome = watch(cloud, "churn", ear, sleep=script(end))
    assert not outcome.live
    assert conclusion(outcome).endswith("No capacity. Try later." if failure else "ROC AUC 0.9.")


def test_a_refusal_without_a_run_ends_the_watch(cloud: Any, ear: Any) -> None:
    outcome = watch(cloud, "churn", ear, sleep=script(lambda: cloud.mail("churn: relay.yaml refused", "refused")))
    assert not outcome.live
    assert conclusion(outcome) == "The model is not live (no run was started): churn: relay.yaml refused"


def test_mails_of_earlier_days_are_not_this_runs(cloud: Any, ear: Any) -> None:
    cloud.mail("old", "promoted")
    outcome = watch(cloud, "churn", ear, since=1, sleep=script(lambda: cloud.mail("new", "refused")))
    assert (ear.mails, outcome.live) == (["new"], False)


def test_silence_is_not_waited_for_without_end(cloud: Any, ear: Any) -> None:
    now = [0.0]

    def pass_time(_seconds: float) -> None:
        now[0] += SILENCE / 2

    outcome = watch(cloud, "churn", ear, sleep=pass_time, clock=lambda: now[0])
    assert outcome.stalled
    assert "no email came" in conclusion(outcome)


def test_settings_go_up_before_the_data(cloud: Any, tmp_path: Path) -> None:
    data = tmp_path / "churn.csv"
    data.write_text("a,b\n1,2\n")
    drop(cloud.s3, "b", upload([data], name=None, settings=None, target="b", trials=None))
    assert list(cloud.s3.objects) == ["datasets/churn/relay.yaml", "datasets/churn/train/churn.csv"]


def test_the_very_same_upload_is_known(cloud: Any, tmp_path: Path) -> None:
    data = tmp_path / "churn.csv"
    data.write_text("a,b\n1,2\n")
    same = upload([data], name=None, settings=None, target="b", trials=None)
    assert not is_there(cloud.s3, "b", same)
    drop(cloud.s3, "b", same)
    assert is_there(cloud.s3, "b", same)
    assert not is_there(cloud.s3, "b", upload([data], name=None, settings=None, target="a", trials=None))
    data.write_text("a,b\n1,3\n")
    assert not is_there(cloud.s3, "b", same)


def test_what_a_run_leaves_is_kept(tmp_path: Path, cloud: Any) -> None:
    cloud.mail("churn: promoted", "promoted")
    cloud.s3.objects[f"runs/{RUN}/evaluation/report.html"] = b"<html>"
    saved = save(cloud.s3, "b", run=RUN, mails=cloud.mailbox.mails, out=tmp_path)
    assert report_of(saved).read_bytes() == b"<html>"
    assert "Subject: churn: promoted" in (tmp_path / RUN / "mail-1.txt").read_text()
    assert set(saved) == {"folder", "report"}


def test_rows_to_ask_the_model_with_are_kept(tmp_path: Path, cloud: Any) -> None:
    rows = "".join(f'{n},"a, or ""b""",yes,\n' for n in range(9))
    cloud.s3.objects[f"runs/{RUN}/prepared/test/test.csv"] = f"n,word,churned,last\n{rows}".encode()
    cloud.s3.objects[f"runs/{RUN}/prepared/schema.json"] = b'{"target": "churned"}'
    saved = save(cloud.s3, "b", run=RUN, mails=(), out=tmp_path)
    assert saved["rows"].read_text().splitlines() == [
        "n,word,last",
        *(f'{n},"a, or ""b""",' for n in range(5)),
    ]


def test_a_refused_file_leaves_its_mail(tmp_path: Path, cloud: Any) -> None:
    cloud.mail("refused", "refused")
    saved = save(cloud.s3, "b", run=None, mails=cloud.mailbox.mails, out=tmp_path)
    assert [path.name for path in report_of(saved).iterdir()] == ["mail-1.txt"]
