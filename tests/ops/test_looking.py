"""`ops runs`, `watch`, `trials`, `compare`, `metrics`, `report`, `drop`: as a shell sees them, over memory."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chalicelib.names import RunKeys
from chalicelib.records.dataset import Dataset
from chalicelib.records.run import LiveModel, Run, Stage
from ops import target
from ops.cli.commands import app
from ops.endings import CANNOT, FAILED
from ops.looking import watching
from tests.ops.test_rollback import Account
from tests.relay.builders import LIVE, NOW, against_live, evaluation, run

OLD = run(Stage.LIVE, id=LIVE.run, updated=NOW - timedelta(days=1), started=NOW - timedelta(days=1, minutes=9))
NEW = run(
    Stage.LIVE, evaluation=evaluation(0.92, **against_live(0.02, 0.01, 0.03)), updated=NOW + timedelta(minutes=12)
)
TUNES = run(Stage.TUNING, id="churn-1a2b3c4f", started=NOW + timedelta(hours=1))
SERVES = Dataset("churn", live=LiveModel(NEW.id, "sagerelay-churn", 1, "2026-11-22T12:12:00Z"), previous=LIVE)
ETA = {"eta": "0.21345678901"}
TRIALS: dict[str, Any] = {
    "version": 1,
    "objective": {"metric": "validation:auc", "type": "Maximize"},
    "best": "t-002",
    "trials": [
        {"name": f"t-00{number}", "status": status, "objective": value, "seconds": 61, "hyperparameters": ETA}
        for number, (status, value) in enumerate((("Completed", 0.8), ("Completed", 0.9), ("Failed", None)), start=1)
    ],
}  # fmt: skip


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """Three runs, of which two have a model."""
    made = Account(SERVES)
    for there in (OLD, NEW, TUNES):
        made.store.save_run(there)
        made.cloud.bucket.put(RunKeys(there.id).inputs, b"{}")
    made.cloud.bucket.put("datasets/churn/train/jan.csv", b"a,b\n")
    made.cloud.bucket.put(RunKeys(NEW.id).trials, json.dumps(TRIALS).encode())
    made.cloud.bucket.put(RunKeys(NEW.id).report, b"<html>report</html>")
    monkeypatch.setattr(target, "find", lambda *_: made.target)
    return made


def asked(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, list(arguments))


def document(*arguments: str) -> Any:
    done = asked(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.usefixtures("account")
def test_runs_are_listed_newest_first() -> None:
    lines = asked("runs").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["Run", TUNES.id, NEW.id, OLD.id]
    assert lines[2] == f"{NEW.id}  live    2026-11-22 12:00  12 min 0 s  ROC AUC 0.9200"
    told = document("runs", "churn")
    assert (told["version"], told["kind"], len(told["runs"])) == (1, "runs", 3)
    assert told["runs"][1]["metric"] == {"name": "auc", "title": "ROC AUC", "value": 0.92, "low": 0.87, "high": 0.93}
    assert told["runs"][0]["metric"] is None


@pytest.mark.usefixtures("account")
def test_trials_come_with_the_best_so_far() -> None:
    assert asked("trials", NEW.id).stdout.splitlines() == [
        "#   Status     validation:auc  Best  Took       Hyperparameters",
        "1   Completed  0.8             0.8   1 min 1 s  eta=0.21346",
        "2*  Completed  0.9             0.9   1 min 1 s  eta=0.21346",
        "3   Failed     -               0.9   1 min 1 s  eta=0.21346",
    ]
    told = document("trials", NEW.id)
    assert [trial["best_so_far"] for trial in told["trials"]] == [0.8, 0.9, 0.9]


@pytest.mark.usefixtures("account")
def test_two_runs_are_compared_on_the_same_rows_where_they_were() -> None:
    told = document("compare", OLD.id, NEW.id)
    assert told["metrics"]["auc"]["values"] == [0.9, 0.92]
    assert told["metrics"]["auc"]["difference"] == pytest.approx(0.02)
    assert (told["same_rows"], told["paired"]["auc"]["difference"]) == (True, 0.02)
    assert document("compare", NEW.id, OLD.id)["same_rows"] is False
    lines = asked("compare", OLD.id, NEW.id).stdout.splitlines()
    assert lines[0].split() == [OLD.id, NEW.id, "Difference"]
    assert any(line.startswith("ROC AUC") and line.endswith("+0.0200 (+0.0100 to +0.0300)") for line in lines)
    assert "Both were measured on the same rows; in brackets the 95 % interval of the difference." in lines
    assert any(line.startswith("took ") for line in lines)


@pytest.mark.usefixtures("account")
def test_all_models_stand_beside_each_other() -> None:
    told = document("metrics", "churn")
    assert [(one["run"], one["state"]) for one in told["versions"]] == [(NEW.id, "in service"), (OLD.id, "kept")]
    lines = asked("metrics", "churn").stdout.splitlines()
    assert len(lines) == 3
    assert max(map(len, lines)) <= 80
    assert "ROC AUC" in lines[0]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("runs", "chrun"), "There is no dataset chrun. Did you mean churn?"),
        (("metrics", "x"), "There is no dataset x. There is: churn."),
        (("trials", TUNES.id), f"Run {TUNES.id} has no trials: "),
        (("trials", "churn-1a2b3c4e"), "There is no run churn-1a2b3c4e. Did you mean churn-1a2b3c4"),
        (("compare", NEW.id, TUNES.id), f"Run {TUNES.id} has no metrics: it is tuning."),
        (("report", TUNES.id), f"Run {TUNES.id} has no report: it is tuning."),
        (("watch", "nobody-00000000"), "There is no run nobody-00000000."),
        (("drop", "no.csv", "churn"), "no.csv is not there."),
        (("drop", "no.csv", "churn", "--to", "trian"), 'There is no folder "trian". Did you mean train?'),
    ],
)
@pytest.mark.usefixtures("account")
def test_a_mistake_is_one_sentence_that_says_what_was_meant(arguments: tuple[str, ...], why: str) -> None:
    done = asked(*arguments)
    assert done.exit_code == CANNOT
    assert done.stderr.replace("\n", " ").startswith(why)
    assert "Traceback" not in done.output


@pytest.mark.usefixtures("account")
def test_a_report_is_saved(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert asked("report", NEW.id, "--out", str(file)).stdout.strip() == str(file)
    assert file.read_bytes() == b"<html>report</html>"
    refused = asked("report", NEW.id, "--out", str(tmp_path / "none" / "report.html"))
    assert (refused.exit_code, "cannot be written" in refused.output) == (CANNOT, True)


def test_a_file_is_put_where_it_belongs(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def upload_file(name: str, bucket: str, key: str, ExtraArgs: dict[str, str]) -> None:  # noqa: N803
        assert (bucket, ExtraArgs) == (account.target.bucket, {"ContentType": "text/csv"})
        account.cloud.bucket.put(key, Path(name).read_bytes())

    monkeypatch.setattr(account.cloud.bucket, "upload_file", upload_file, raising=False)
    file = tmp_path / "feb.csv"
    file.write_text("a,b\n1,2\n")
    done = asked("drop", str(file), "churn", "--to", "test")
    assert done.stdout.strip() == f"s3://{account.target.bucket}/datasets/churn/test/feb.csv"
    assert account.cloud.bucket.body("datasets/churn/test/feb.csv") == b"a,b\n1,2\n"


@pytest.mark.parametrize(("ends", "code"), [(Stage.AWAITING_APPROVAL, 0), (Stage.REJECTED, FAILED)])
def test_a_run_is_followed_to_its_end(
    account: Account, ends: Stage, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = TUNES.moved(Stage.TUNING, NOW, "a binary problem")
    judged = run(ends, id=TUNES.id, history=goes_on.history).moved(ends, NOW, "the gate has decided")
    steps = iter((goes_on, replace(goes_on, waiting_for="no capacity"), judged))
    monkeypatch.setattr("time.sleep", lambda _: _becomes(account, next(steps)))
    done = asked("watch", TUNES.id)
    assert done.exit_code == code
    assert [line.strip() for line in done.stdout.splitlines()][:3] == [
        "12:00:00  tuning -> tuning: a binary problem",
        "12:00:00  waits: no capacity",
        f"12:00:00  {ends} -> {ends}: the gate has decided",
    ]
    assert f"{ends} after 0 s, ROC AUC 0.9000." in done.stdout


def test_of_a_tuning_each_trial_is_told_once(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [[], [{**TRIALS["trials"][0], "ended": None}], TRIALS["trials"][:2]]
    looks = iter(told)

    def look(*_: object) -> dict[str, Any]:
        return {"trials": [{"ended": None, "best_so_far": 0.9, **one} for one in next(looks)]}

    monkeypatch.setattr("ops.looking.trials.look", look)
    steps = iter((TUNES, TUNES, run(Stage.LIVE, id=TUNES.id)))
    found = watching.follow(account.target, TUNES.id, pause=lambda _: _becomes(account, next(steps)))
    lines = [one["line"] for one in found if one["what"] == "trial"]
    assert lines == ["trial 1 of 20: 0.8, best so far 0.9", "trial 2 of 20: 0.9, best so far 0.9"]


def test_of_several_tunings_each_counts_its_own_trials(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = TRIALS["trials"][:1], [{**TRIALS["trials"][0], "name": "another-tuning"}]
    looks = iter((first, second))

    def look(*_: object) -> dict[str, Any]:
        return {"trials": [{"ended": None, "best_so_far": None, **one} for one in next(looks)]}

    monkeypatch.setattr("ops.looking.trials.look", look)
    steps = iter((TUNES, run(Stage.LIVE, id=TUNES.id)))
    found = watching.follow(account.target, TUNES.id, pause=lambda _: _becomes(account, next(steps)))
    lines = [one["line"] for one in found if one["what"] == "trial"]
    assert lines == ["trial 1 of 20: 0.8", "trial 1 of 20: 0.8"]


def _becomes(account: Account, after: Run) -> None:
    before = account.store.run(after.id)
    assert before
    account.store.save_run(replace(after, version=before.version))
