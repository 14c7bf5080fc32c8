"""Mails link to the console and never carry a right: no presigned link, none where there is no console."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from chalice.package import YAMLTemplateSerializer

from chalicelib.mails import console
from chalicelib.mails.messages import Message, about_run
from chalicelib.monitoring.mail_context import MailContext
from chalicelib.monitoring.mails import _WRITERS, about
from chalicelib.names import CheckKeys, Kind, Step
from chalicelib.records.commands import Mail
from chalicelib.records.run import Failure, Stage
from tests.monitoring.builders import Timeline
from tests.relay.builders import DEPLOYMENT, LIVE, MAIL_STAGES, NOW, RUN_ID, run

HOSTS = {
    "eu-west-1": "console.aws.amazon.com",
    "cn-north-1": "console.amazonaws.cn",
    "us-gov-west-1": "console.amazonaws-us-gov.com",
}
_LINK = re.compile(r"https?://\S+")
_SIGNED = re.compile(r"X-Amz-|Signature=|AWSAccessKeyId|Expires=", re.IGNORECASE)


def mails(region: str, host: str) -> dict[str, Message]:
    """Every mail there is, in a deployment of that region."""
    deployment = replace(DEPLOYMENT, region=region, console=host)
    failure = Failure(Stage.TRAINING, f"{RUN_ID}-train-2", "AlgorithmError: exit code 1", "See the log.")
    of_runs = {
        str(mail): about_run(mail, run(stage, live=LIVE, failure=failure if mail is Mail.FAILED else None), deployment)
        for mail, stage in MAIL_STAGES.items()
    }
    check = CheckKeys("churn", Kind.DRIFT, 3, NOW)
    told = MailContext(Timeline().monitor, check, "3", {"state": "drifted", "window": {"rows": 3}})
    return of_runs | {str(mail): about(mail, told, deployment) for mail in Mail if mail in _WRITERS}


@pytest.mark.parametrize(("region", "host"), HOSTS.items())
def test_a_mail_links_to_the_console_of_its_partition_and_region(region: str, host: str) -> None:
    written = mails(region, host)
    links = [link for message in written.values() for link in _LINK.findall(message.text)]
    assert {urlsplit(link).netloc for link in links} == {f"{region}.{host}"}
    assert all(parse_qs(urlsplit(link).query)["region"] == [region] for link in links)
    assert not [kind for kind, message in written.items() if _SIGNED.search(message.text + repr(message.machine))]
    assert all("https://" in written[kind].text for kind in (Mail.PROMOTED, Mail.FAILED, Mail.CHECK_FAILED))


def test_without_a_console_there_is_no_link_and_the_address_stays() -> None:
    for message in mails("us-east-1", "").values():
        assert "http" not in message.text
    promoted = mails("us-east-1", "")[Mail.PROMOTED].text
    assert f"Report: s3://{DEPLOYMENT.bucket}/runs/" in promoted


def test_the_pages_that_mails_link_to() -> None:
    deployment = replace(DEPLOYMENT, console="console.aws.amazon.com")
    home = "https://eu-west-1.console.aws.amazon.com"
    assert console.object_link(deployment, "runs/a b/r&x.html") == (
        f"{home}/s3/object/sagerelay-example?region=eu-west-1&prefix=runs/a%20b/r%26x.html"
    )
    assert console.folder_link(deployment, "runs/x") == (
        f"{home}/s3/buckets/sagerelay-example?region=eu-west-1&prefix=runs/x/"
    )
    assert console.endpoint_link(deployment, "churn") == (
        f"{home}/sagemaker/home?region=eu-west-1#/endpoints/sagerelay-churn"
    )
    assert console.step_log_link(deployment, Step.TRAIN, "churn-1a2b3c4d-train-1", "churn") == (
        f"{home}/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Faws$252Fsagemaker$252FTrainingJobs"
        "$3FlogStreamNameFilter$3Dchurn-1a2b3c4d-train-1"
    )


@pytest.mark.parametrize(
    ("step", "group"),
    [
        (Step.PREPARE, "ProcessingJobs"),
        (Step.TUNE, "TrainingJobs"),
        (Step.EVALUATE, "ProcessingJobs"),
        (Step.CANDIDATE, f"Endpoints/{RUN_ID}-candidate-1"),
        (Step.LIVE, "Endpoints/sagerelay-churn"),
    ],
)
def test_a_failure_links_to_the_log_of_what_failed(step: Step, group: str) -> None:
    deployment = replace(DEPLOYMENT, console="console.aws.amazon.com")
    link = console.step_log_link(deployment, step, f"{RUN_ID}-{step}-1", "churn")
    assert f"/aws/sagemaker/{group}" in unquote(link.replace("$25", "%"))


def test_a_check_links_to_the_log_of_its_job() -> None:
    check = CheckKeys("churn", Kind.DRIFT, 3, NOW)
    link = console.check_log_link(replace(DEPLOYMENT, console="console.aws.amazon.com"), check)
    assert str(check.job(2)).startswith(link.rpartition("$3D")[2])


FUNCTIONS: dict[str, Any] = YAMLTemplateSerializer().load_template(
    (Path(__file__).parents[2] / "infra" / "functions.yaml").read_text(encoding="utf-8")
)
VARIABLES = FUNCTIONS["Globals"]["Function"]["Environment"]["Variables"]


@pytest.mark.parametrize(
    ("partition", "host"),
    [
        ("aws", HOSTS["eu-west-1"]),
        ("aws-cn", HOSTS["cn-north-1"]),
        ("aws-us-gov", HOSTS["us-gov-west-1"]),
        ("aws-iso", ""),
    ],
)
def test_the_template_says_which_console(partition: str, host: str) -> None:
    def chosen(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        condition, yes, no = value["Fn::If"]
        reference, equal = FUNCTIONS["Conditions"][condition]["Fn::Equals"]
        assert reference == {"Ref": "AWS::Partition"}
        return chosen(yes if partition == equal else no)

    assert chosen(VARIABLES["SAGERELAY_CONSOLE"]) == host
