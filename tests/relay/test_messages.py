"""Mails: what a person reads, and what SNS takes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.aws.topic import Topic
from chalicelib.mails.messages import (
    _WRITERS,
    Message,
    Refusal,
    about_refusal,
    about_run,
    compose,
    printable,
    to_document,
)
from chalicelib.records.commands import Mail
from chalicelib.records.run import Failure, Stage
from chalicelib.serving_mode import Mode
from tests.relay.builders import DEPLOYMENT, LIVE, MAIL_STAGES, against_live, evaluation, run


def test_every_mail_about_a_run_is_tried_here() -> None:
    assert MAIL_STAGES.keys() == _WRITERS.keys()


def test_the_mail_about_a_promoted_model_says_everything_in_order() -> None:
    record = run(Stage.LIVE, live=LIVE, evaluation=evaluation(0.912, **against_live(0.03, 0.01, 0.05)))

    message = about_run(Mail.PROMOTED, record, DEPLOYMENT)

    assert message.subject == "churn: new model live, ROC AUC 0.9120"
    parts = [
        'The new model for "churn" is LIVE on the endpoint sagerelay-churn.',
        "It replaces the model of run churn-00000000.",
        "ROC AUC is 0.9.",
        "Measured on 1,488 rows the model never saw:",
        "            value     95 % interval  live model  difference",
        "ROC AUC    0.9120  0.8700 to 0.9300      0.8800     +0.0300",
        "Confusion matrix:",
        "actual \\ predicted     no  yes",
        "no                  1,000   88",
        "Best hyperparameters of 20 trials (validation:auc 0.9300):",
        "  eta               0.21",
        "Report: s3://sagerelay-example/runs/churn-1a2b3c4d/evaluation/report.html",
        "Took 0 s (prepare 1 min 0 s, tune 1 min 0 s",
        "Billable training time: 420 s.",
        "To go back to the model before:",
        "python -m ops rollback churn",
        f"aws sagemaker update-endpoint --region {DEPLOYMENT.region} --endpoint-name sagerelay-churn",
        "--endpoint-config-name churn-00000000-live-1",
    ]
    positions = [message.text.find(part) for part in parts]
    assert -1 not in positions, [part for part, at in zip(parts, positions, strict=True) if at < 0]
    assert positions == sorted(positions)
    assert dict(message.attributes) == {"kind": "promoted", "dataset": "churn", "severity": "info", "run": record.id}


def test_a_way_back_that_aws_does_not_go_is_not_offered() -> None:
    record = run(Stage.LIVE, live=replace(LIVE, mode=Mode.SERVERLESS), evaluation=evaluation(0.912))
    told = about_run(Mail.PROMOTED, record, DEPLOYMENT).text
    assert "The model before cannot come back by a command: its endpoint was serverless" in told
    assert "ops rollback" not in told


def test_a_mail_says_which_of_two_classes_its_figures_are_about() -> None:
    record = run(Stage.REJECTED, evaluation=evaluation(0.9) | {"positive_class": "will not\nrenew the contract"})
    told = about_run(Mail.REJECTED, record, DEPLOYMENT).text
    assert 'rows the model never saw; the positive class is "will not renew ~":' in told


def test_the_mail_about_a_failure_says_what_why_and_what_to_do() -> None:
    failure = Failure(Stage.PREPARING, "churn-1a2b3c4d-prepare-1", "[no-target] jan.csv: no column y", "Correct it.")

    message = about_run(Mail.FAILED, run(Stage.FAILED, failure=failure, live=LIVE), DEPLOYMENT)

    assert message.subject == "churn: preparing failed: jan.csv: no column y"
    assert 'The run for "churn" FAILED while preparing' in message.text
    assert "The live model of run churn-00000000 goes on serving." in message.text
    assert "Why: [no-target] jan.csv: no column y" in message.text
    assert "What to do: Correct it." in message.text


def test_the_mail_about_a_refused_upload_lists_every_problem() -> None:
    message = about_refusal("churn", Refusal("datasets/churn/relay.yaml", ("tuning.trials: 0", "zzz: unknown")))

    assert message.subject == "churn: relay.yaml cannot be used"
    assert "* tuning.trials: 0\n* zzz: unknown" in message.text
    assert "nothing was started" in message.text


@pytest.mark.parametrize("mail", MAIL_STAGES)
def test_every_mail_can_be_written_for_machines_too(mail: Mail) -> None:
    message = about_run(mail, run(MAIL_STAGES[mail]), DEPLOYMENT)

    assert json.loads(json.dumps(message.machine))["kind"] == mail
    assert message.text.isprintable() or "\n" in message.text


@given(st.text(max_size=300))
def test_every_subject_is_what_sns_takes(text: str) -> None:
    subject = printable(text)

    assert len(subject) < 100
    assert all(" " <= character <= "~" for character in subject)


def sent(message: Message) -> str:
    """What SNS is handed."""

    class Sns:
        def publish(self, **request: str) -> dict[str, str]:
            self.request = request
            return {"MessageId": "1"}

    sns = Sns()
    Topic(sns, "arn").publish(message)
    return sns.request["Message"]


def assert_taken(message: Message) -> None:
    assert len(sent(message).encode()) < 240 * 1024
    assert len(to_document(message).encode()) < 300_000


@pytest.mark.parametrize("letter", ["日", '"', "\\", "\N{FIRE}", "\x01", "\ud800"])
def test_a_huge_mail_still_fits_into_what_sns_takes(letter: str) -> None:
    notices = [{"code": "odd", "sentence": letter * 20_000}] * 20
    many = evaluation(classes=[letter * 5_000] * 12, confusion_matrix=[[1] * 12] * 12, warnings=notices)
    message = about_run(Mail.PROMOTED, run(Stage.LIVE, evaluation=many), DEPLOYMENT)

    assert_taken(message)
    assert_taken(compose(Mail.FAILED, "churn", letter * 500, [letter * 50_000], message.machine))
    assert set(json.loads(sent(message))) == {"default", "email"}
    assert message.machine["metrics"]


def test_what_the_machine_is_not_told_is_named() -> None:
    many = evaluation(classes=["y" * 90_000, "n" * 90_000])

    machine = about_run(Mail.PROMOTED, run(Stage.LIVE, evaluation=many), DEPLOYMENT).machine

    assert machine["classes"] is None
    assert machine["left_out"] == ["classes"]


@given(st.lists(st.text(st.characters(exclude_categories=()))), st.integers(1, 3_000))
def test_a_refusal_of_any_problems_is_a_mail_that_is_taken(problems: list[str], times: int) -> None:
    message = about_refusal("churn", Refusal("datasets/churn/relay.yaml", (*problems, "x" * 60_000) * times))

    assert_taken(message)


def test_a_refusal_tells_the_first_problems_and_how_many_more_there_are() -> None:
    problems = tuple(f"service_{i}: there is no such setting" for i in range(1_900))

    message = about_refusal("churn", Refusal("datasets/churn/relay.yaml", problems))

    assert "* service_19: there is no such setting\n* and 1,880 more" in message.text
    assert len(message.machine["problems"]) == 21


def test_class_names_do_not_break_the_table() -> None:
    classes = ["a" * 60, "é\n<b>"]
    text = about_run(Mail.PROMOTED, replace(run(Stage.LIVE), evaluation=evaluation(classes=classes)), DEPLOYMENT).text

    assert "aaaaaaaaaaaaaaa~" in text
    assert "\n<b>" not in text


def test_a_full_registry_is_told_as_what_it_is() -> None:
    full = run(Stage.AWAITING_APPROVAL, waiting_for="ResourceLimitExceeded: model package groups")

    message = about_run(Mail.WAITING, full, DEPLOYMENT)

    assert message.subject == "churn: waiting while registering the model, which you are then asked to approve"
    assert "instance type" not in message.text
    assert "model registry" in message.text


def test_what_may_make_the_figures_worthless_is_the_mail_s_first_line() -> None:
    told = [
        {"code": "small-test-set", "sentence": "Few rows."},
        {"code": "target-assumed", "sentence": "The last column was\ntaken.", "first": True},
    ]
    record = run(Stage.LIVE, evaluation=evaluation(0.912, warnings=told))

    text = about_run(Mail.PROMOTED, record, DEPLOYMENT).text

    assert text.startswith("Check this first: The last column was taken. [target-assumed]\n\nThe new model")
    assert text.count("target-assumed") == 1
    assert "* Few rows. [small-test-set]" in text
