"""DeploymentSettings: what this deployment is, from Lambda's environment, read once on the first event.

A plain dataclass and not a pydantic model, because every cold start pays for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from chalicelib.algorithms import BUILT_IN, Registry, images

COSTS_ABOVE = 10.0
"""US dollars a month of which nobody needs to be told every week."""


class DeploymentError(RuntimeError):
    """Lambda's environment lacks what SageRelay needs. The text names every missing variable."""


@dataclass(frozen=True, slots=True)
class DeploymentSettings:
    """The objects this deployment owns."""

    bucket: str
    table: str
    topic_arn: str
    role_arn: str
    """The role that SageMaker's jobs and endpoints take."""
    code: str
    """The prefix of this deployment's job scripts in the bucket, `code/<version>`."""
    region: str
    prefix: str = "sagerelay"
    """What the names of live endpoints, package groups and alarms begin with, and the value of the deployment tag."""
    id: str = ""
    """What tells this deployment from one of the same prefix that was there before it: part of every run's id, because
    SageMaker never frees the name of a job."""
    kms_key: str = ""
    """The ARN of the key for volumes, models and captured traffic; empty: AWS's own keys."""
    console: str = ""
    """The console's host without the region's name, such as `console.aws.amazon.com`; empty: mails link to none."""
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    """Where jobs and endpoints stand in a VPC; empty: in none."""
    own_code: tuple[str, ...] = ()
    """The datasets whose own code may run, each under a role of its own; `*`: every one (`records.own_code`)."""
    costs_above: str = ""
    """US dollars a month from which on the weekly mail about costs is sent, as it is given; empty: see below."""
    prices: Mapping[str, Any] = field(default_factory=dict)
    """What the bucket knows of prices, where a mail or a budget needs them (`costs.prices`)."""
    algorithms: Registry = BUILT_IN
    """What relay.yaml may choose from."""

    @property
    def mails_costs_above(self) -> float:
        """The same as a number; `COSTS_ABOVE` where none is given."""
        try:
            return float(self.costs_above)
        except ValueError:
            return COSTS_ABOVE

    @property
    def image(self) -> str:
        return images.xgboost(self.region)

    def uri(self, key: str) -> str:
        """The S3 URI of a key in the bucket."""
        return f"s3://{self.bucket}/{key}"


def from_environment(environment: Mapping[str, str]) -> DeploymentSettings:
    """The settings in `SAGERELAY_*` and `AWS_REGION`.

    Raises:
        DeploymentError: some are missing or empty.

    >>> from_environment({"AWS_REGION": "eu-west-1"})
    Traceback (most recent call last):
    ...
    chalicelib.deployment.DeploymentError: missing in the environment: SAGERELAY_BUCKET, SAGERELAY_TABLE, \
SAGERELAY_TOPIC_ARN, SAGERELAY_ROLE_ARN, SAGERELAY_CODE
    """
    said = [one.name for one in fields(DeploymentSettings) if one.name not in {"algorithms", "prices"}]
    given = {name: environment.get(_variable(name), "") for name in said}
    missing = [_variable(one.name) for one in fields(DeploymentSettings) if one.name in said and one.default is MISSING]
    missing = [variable for variable in missing if not environment.get(variable)]
    if missing:
        raise DeploymentError(f"missing in the environment: {', '.join(missing)}")
    values: dict[str, Any] = {name: value for name, value in given.items() if value}
    for name in ("subnets", "security_groups", "own_code"):
        values[name] = tuple(part.strip() for part in given[name].split(",") if part.strip())
    return DeploymentSettings(**values)


def _variable(name: str) -> str:
    return "AWS_REGION" if name == "region" else f"SAGERELAY_{name.upper()}"
