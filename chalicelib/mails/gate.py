"""What a mail says of the gate: the verdict's reason, that its number is an earlier release's where it is, how a person
decides, and the way back."""

from __future__ import annotations

from chalicelib import names
from chalicelib.contract.metrics import AMOUNT, DEFAULT_GATE, told
from chalicelib.deployment import DeploymentSettings
from chalicelib.records.going_back import hindrance
from chalicelib.records.run import Run, Stage
from chalicelib.serving_mode import Mode
from chalicelib.settings.max_loss import Meant


def reason(run: Run) -> str:
    """Why a candidate was promoted or rejected; empty before there is a verdict."""
    if run.verdict is None:
        return ""
    kept = kept_max_loss(run)
    return f"{run.verdict.reason}\n\n{kept}" if kept else run.verdict.reason


def kept_max_loss(run: Run) -> str:
    """That gate.max_loss still means what it did under the release it was set for, where that makes a difference."""
    if run.problem is None or run.evaluation is None or run.max_loss is not Meant.AMOUNT:
        return ""
    gate, known = run.settings["gate"], told(run.evaluation, run.problem.task)
    metric = known[DEFAULT_GATE[run.problem.task] if gate["metric"] == "auto" else gate["metric"]]
    if metric.format != AMOUNT:
        return ""
    return (
        f"gate.max_loss ({gate['max_loss']:g}) was set under an earlier release and still means {gate['max_loss']:g} "
        f"in the unit of {metric.title}. Set now, it is a share of the live model's {metric.title}: 0.02 allows 2 % "
        "more. To have that, write another number into relay.yaml, or leave it out for the default of 0.02."
    )


def approval(run: Run, deployment: DeploymentSettings) -> str:
    """How to decide: in the registry, or by one command for a shell, which finds the version by itself. A later version
    supersedes this one, so that at most one waits."""
    group, where = names.package_group(deployment.prefix, run.dataset), f"--region {deployment.region}"
    found = (
        f"aws sagemaker list-model-packages {where} --model-package-group-name {group} "
        "--model-approval-status PendingManualApproval --sort-by CreationTime --sort-order Descending --max-items 1 "
        "--query ModelPackageSummaryList[0].ModelPackageArn --output text"
    )
    settle = f"aws sagemaker update-model-package {where} --model-approval-status Approved --model-package-arn"
    return (
        f"To decide:\n  {_ours('approve', run, deployment)}\n  {_ours('decline', run, deployment)}\n"
        f"or approve or reject the newest version in the model package group {group} (SageMaker console, Model "
        "registry), which in a shell, with Rejected in place of Approved to decline, is:\n"
        f"  {settle} $({found} | head -n 1)\n"
        "Newer data in train/ supersedes it."
    )


def way_back(run: Run, deployment: DeploymentSettings) -> str:
    """How to roll back a promotion: the predecessor's configuration is kept until the next promotion but one."""
    if run.live is None or run.stage is not Stage.LIVE or Mode.BATCH in {run.mode, run.live.mode}:
        return ""
    if why := hindrance(run.mode, run.live.mode):
        return f"The model before cannot come back by a command: {why}."
    command = f"aws sagemaker update-endpoint --region {deployment.region} --endpoint-name {run.live.endpoint}"
    return (
        f"To go back to the model before:\n  {_ours('rollback', run, deployment)}\n"
        f"or by hand, of which the monitor does not know:\n  {command} --endpoint-config-name {run.live.config}"
    )


def _ours(command: str, run: Run, deployment: DeploymentSettings) -> str:
    """A command of `ops/` about the run's dataset, in the stage that is meant."""
    stage = deployment.prefix.partition("-")[2]
    return f"python -m ops {command} {run.dataset}{f' --stage {stage}' if stage else ''}"
