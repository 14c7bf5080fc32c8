"""Where things are in the AWS console: links for mails, beside the S3 address.

Pure text; whether there is a console at all, and at which host of which partition, the deployment says. A link names a
thing and carries no right to it: who follows it signs in with their own. A presigned link would be a right in a mail,
and would die with the credentials of the function that signed it.
"""

from __future__ import annotations

from urllib.parse import quote

from chalicelib import log_groups
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import CheckKeys, Step, StepName, live_endpoint
from chalicelib.records.run import Failure, Run
from chalicelib.serving_mode import Mode


def object_link(deployment: DeploymentSettings, key: str) -> str:
    """The page of an object of the bucket; empty where there is no console."""
    return _page(deployment, f"s3/object/{deployment.bucket}", "", f"&prefix={quote(key, safe='/')}")


def folder_link(deployment: DeploymentSettings, prefix: str) -> str:
    """The list of the objects below a prefix."""
    return _page(deployment, f"s3/buckets/{deployment.bucket}", "", f"&prefix={quote(prefix.rstrip('/'), safe='/')}/")


def endpoint_link(deployment: DeploymentSettings, dataset: str) -> str:
    """The page of a dataset's live endpoint."""
    return _page(deployment, "sagemaker/home", f"/endpoints/{live_endpoint(deployment.prefix, dataset)}")


def step_log_link(deployment: DeploymentSettings, step: Step, name: str, dataset: str) -> str:
    """The log of a step's job of that name, or of its endpoint."""
    endpoint = live_endpoint(deployment.prefix, dataset) if step is Step.LIVE else name
    group = log_groups.OF_JOBS.get(step)
    return _log(deployment, group, name) if group else _log(deployment, f"{log_groups.ENDPOINTS}{endpoint}", "")


def failure_log_link(deployment: DeploymentSettings, run: Run, failure: Failure) -> str:
    """The log of the job with which a run failed; empty where it failed without one."""
    name = StepName.parse(failure.job)
    if name and name.step is Step.CANDIDATE and run.mode is Mode.BATCH:
        return _log(deployment, log_groups.TRANSFORM, failure.job)
    return step_log_link(deployment, name.step, failure.job, run.dataset) if name else ""


def check_log_link(deployment: DeploymentSettings, check: CheckKeys) -> str:
    """The log of a check's job, whatever its attempt."""
    return _log(deployment, log_groups.PROCESSING, str(check.job(1)).rpartition("-")[0])


def _log(deployment: DeploymentSettings, group: str, streams: str) -> str:
    # What stands behind the # is encoded twice there, with $ for the second per cent sign.
    streams = f"$3FlogStreamNameFilter$3D{streams}" if streams else ""
    page = f"logsV2:log-groups/log-group/{quote(group, safe='').replace('%', '$25')}{streams}"
    return _page(deployment, "cloudwatch/home", page)


def _page(deployment: DeploymentSettings, path: str, fragment: str, query: str = "") -> str:
    if not deployment.console:
        return ""
    region = deployment.region
    link = f"https://{region}.{deployment.console}/{path}?region={region}{query}"
    return f"{link}#{fragment}" if fragment else link
