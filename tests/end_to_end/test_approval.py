"""A person decides: the gate is passed, the candidate waits, and the model registry is where the answer is given."""

from __future__ import annotations

import pytest

from local.mailbox import Mail
from tests.end_to_end import tables
from tests.end_to_end.conftest import UNTUNED, User

pytestmark = pytest.mark.xdist_group("end_to_end")

DATASETS = ("approved", "declined", "overtaken")
BY_HAND = UNTUNED + "target: churned\ngate: {approval: manual}\n"


@pytest.fixture(scope="module")
def waiting(user: User) -> dict[str, Mail]:
    """Three datasets whose models wait for approval, and the mails that ask for it."""
    for dataset in DATASETS:
        user.puts(f"datasets/{dataset}/relay.yaml", BY_HAND.encode())
        user.puts(f"datasets/{dataset}/train/jan.csv", tables.text().encode())
    return {dataset: user.waits_for_mail(dataset) for dataset in DATASETS}


def packages(user: User, dataset: str) -> list[dict[str, str]]:
    """The versions in the model registry, newest first."""
    listed = user.cloud.client("sagemaker").list_model_packages(
        ModelPackageGroupName=f"sagerelay-{dataset}", SortBy="CreationTime", SortOrder="Descending"
    )
    found: list[dict[str, str]] = listed["ModelPackageSummaryList"]
    return found


def decides(user: User, dataset: str, status: str) -> None:
    newest = packages(user, dataset)[0]
    user.cloud.client("sagemaker").update_model_package(
        ModelPackageArn=newest["ModelPackageArn"], ModelApprovalStatus=status
    )


def test_nothing_is_live_before_somebody_has_approved(user: User, waiting: dict[str, Mail]) -> None:
    for dataset, mail in waiting.items():
        assert (mail.attributes["kind"], mail.attributes["severity"]) == ("approval-needed", "warning")
        assert f"model package group sagerelay-{dataset}" in mail.body
        assert [package["ModelApprovalStatus"] for package in packages(user, dataset)] == ["PendingManualApproval"]
        assert f"sagerelay-{dataset}" not in user.endpoints()
        user.sees_no_endpoint(mail.attributes["run"])  # waiting costs nothing


def test_newer_data_supersedes_what_waits_and_its_run_goes_on(user: User, waiting: dict[str, Mail]) -> None:
    user.puts("datasets/overtaken/train/feb.csv", tables.text(tables.rows()[::2]).encode())

    second = user.waits_for_mail("overtaken", after=1)
    first_run = waiting["overtaken"].attributes["run"]

    assert second.attributes["kind"] == "approval-needed"
    assert second.attributes["run"] != first_run
    user.waits_until(lambda: packages(user, "overtaken")[-1]["ModelApprovalStatus"] == "Rejected", "a superseded model")
    user.sees_no_endpoint(first_run)
    statuses = [package["ModelApprovalStatus"] for package in packages(user, "overtaken")]
    assert statuses == ["PendingManualApproval", "Rejected"]
    decides(user, "overtaken", "Approved")
    third = user.waits_for_mail("overtaken", after=2)
    assert (third.attributes["kind"], third.attributes["run"]) == ("promoted", second.attributes["run"])


def test_an_approved_model_goes_live(user: User, waiting: dict[str, Mail]) -> None:
    decides(user, "approved", "Approved")

    mail = user.waits_for_mail("approved", after=1)

    assert (mail.attributes["kind"], mail.attributes["run"]) == ("promoted", waiting["approved"].attributes["run"])
    assert len(user.asks("approved", "Bonn,60,1900\n")) == 1
    user.sees_no_endpoint("approved-")
    assert [package["ModelApprovalStatus"] for package in packages(user, "approved")] == ["Approved"]


def test_a_declined_model_is_rejected_and_its_endpoint_removed(user: User, waiting: dict[str, Mail]) -> None:
    decides(user, "declined", "Rejected")

    mail = user.waits_for_mail("declined", after=1)

    assert mail.attributes["kind"] == "rejected"
    assert "It was declined in the model registry." in mail.body
    user.sees_no_endpoint("declined")
    user.cloud.bus.wait_idle(120)
    assert len(user.mails("declined")) == 2
    assert [package["ModelApprovalStatus"] for package in packages(user, "declined")] == ["Rejected"]
