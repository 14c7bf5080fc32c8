"""The account and the region: who asks, whether SageMaker's XGBoost image is there, and what one may do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from chalicelib.algorithms import images
from ops.account.finding import Finding, is_denied, note, ok, problem, unknown
from ops.target import Clients, OpsError

PATCHES = "image's patches"
_ASSUMED = re.compile(r"arn:aws[a-z-]*:sts::\d{12}:assumed-role/(?P<role>[^/]+)/.+")
AHEAD = timedelta(days=180)
"""How long before the end of an image's patches it is said what to do."""
_MOST_ACTIONS = 100  # in one SimulatePrincipalPolicy; more work, too, but answer slowly
_IMAGE = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.[^/]+/(?P<repository>[^:]+):(?P<tag>.+)")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    account: str
    arn: str

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]


def caller(client: Clients) -> Caller:
    """Whose credentials these are.

    Raises:
        OpsError: there are none, or AWS does not take them.
    """
    try:
        answer = client("sts").get_caller_identity()
    except (SSOError, TokenRetrievalError, CredentialRetrievalError) as error:
        raise OpsError(f"Your sign-in cannot be used: {error}. Sign in again: `aws sso login`.") from error
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        raise OpsError(f"There are no AWS credentials: {error}. Set AWS_PROFILE, or run `aws configure`.") from error
    except ClientError as error:
        raise OpsError(
            f"AWS does not take your credentials: {error.response['Error']['Code']}. They may have expired: sign in "
            "again (`aws sso login`), or set AWS_PROFILE to another profile. A region that AWS leaves to be enabled "
            "(as af-south-1 or eu-south-1) takes nobody's until your account has enabled it, and China's and "
            "GovCloud's take their own only."
        ) from error
    return Caller(answer["Account"], answer["Arn"])


def region_of(client: Clients, asked: str | None) -> str:
    """The region that will be used.

    Raises:
        OpsError: none is set, or it is none of SageMaker's XGBoost.
    """
    region = asked or client("sts").meta.region_name
    if not region or region == "aws-global":
        raise OpsError("No region is set. Give --region eu-west-1 (REGION=eu-west-1 to make), or set AWS_REGION.")
    try:
        images.xgboost(region)
    except LookupError as error:
        raise OpsError(f"{error}. Choose one of these by --region (REGION= to make).") from error
    return region


def image(client: Clients, region: str) -> Iterator[Finding]:
    """Whether the image that every job runs can be had in this region; ECR is asked, where it lets one ask."""
    uri = images.xgboost(region)
    match = _IMAGE.fullmatch(uri)
    assert match is not None  # noqa: S101 (our own table)
    try:
        answer = client("ecr").batch_get_image(
            registryId=match["account"], repositoryName=match["repository"], imageIds=[{"imageTag": match["tag"]}]
        )
    except ClientError as error:
        if not is_denied(error.response["Error"]["Code"]):
            raise
        yield ok("image", f"{uri} (by SageMaker's own list; you may not ask ECR)")
        return
    if answer["images"]:
        yield ok("image", uri)
    else:
        yield problem("image", f"{uri} is not there", "Choose another region; AWS may have withdrawn this version.")


def patches(today: date) -> Finding:
    """How long AWS mends the image that every job and endpoint runs.

    >>> str(patches(date(2026, 6, 1)).state), str(patches(date(2027, 5, 14)).state)
    ('ok', 'problem')
    """
    version, end = images.XGBOOST_VERSION, images.PATCHED_UNTIL
    todo = "Update SageRelay: a release with a newer image is due. Train once after it, for what serves to run in it."
    if today > end:
        return problem(PATCHES, f"AWS has not mended the image {version} since {end}: holes stay open", todo)
    if end - today <= AHEAD:
        return note(PATCHES, f"AWS mends the image {version} until {end}, {(end - today).days} days more", todo)
    return ok(PATCHES, f"AWS mends the image {version} until {end}")


def principal(arn: str) -> tuple[str, str] | None:
    """Kind and name or ARN of whose policies decide: `("role", name)`, `("user", arn)`; None: the root user's, none do.

    >>> principal("arn:aws:sts::123456789012:assumed-role/Admin/ann")
    ('role', 'Admin')
    >>> principal("arn:aws:iam::123456789012:root") is None
    True
    """
    if match := _ASSUMED.fullmatch(arn):
        return "role", match["role"]
    return ("user", arn) if ":user/" in arn else None


def may(client: Clients, who: Caller, actions: Sequence[str]) -> Iterator[Finding]:
    """What the caller's own policies say of these actions, as IAM simulates them for any resource."""
    whose = principal(who.arn)
    if whose is None:
        yield note("permissions", "you are the account's root user (or federated), whose policies cannot be simulated")
        return
    iam = client("iam")
    source = iam.get_role(RoleName=whose[1])["Role"]["Arn"] if whose[0] == "role" else whose[1]
    decided: dict[str, str] = {}
    for start in range(0, len(actions), _MOST_ACTIONS):
        pages = iam.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=source, ActionNames=list(actions[start : start + _MOST_ACTIONS])
        )
        decided |= {one["EvalActionName"]: one["EvalDecision"] for page in pages for one in page["EvaluationResults"]}
    yield from judge_permissions(decided)


def judge_permissions(decided: Mapping[str, str]) -> Iterator[Finding]:
    """What IAM's decisions by action mean.

    The simulation is for "any resource, no condition". A denial that holds for that is sure. That nothing allows an
    action for all of it says little: a policy that allows it for `sagerelay-*` alone, or on a condition, is enough.

    >>> [str(one.state) for one in judge_permissions({"s3:PutObject": "implicitDeny", "iam:PassRole": "explicitDeny"})]
    ['problem', 'unknown']
    """
    denied = sorted(action for action, decision in decided.items() if decision == "explicitDeny")
    narrow = sorted(action for action, decision in decided.items() if decision == "implicitDeny")
    if denied:
        yield problem(
            "permissions",
            f"your policies, or your organisation's, deny {', '.join(denied)}",
            "Have these allowed; ops/deployment/permissions.py lists what is needed, and for what.",
        )
    if narrow:
        yield unknown(
            "permissions",
            f"your policies do not allow for every resource: {', '.join(narrow)}. Whether they do for what is named "
            "sagerelay-... IAM cannot simulate beforehand",
            "If CloudFormation is refused one of them, it says so and takes back what it made.",
        )
    if not denied and not narrow:
        yield ok("permissions", f"all {len(decided)} actions that are needed, as IAM simulates them")


def refusals(results: Any) -> list[str]:
    """The actions that a simulation does not allow."""
    return sorted(one["EvalActionName"] for one in results if one["EvalDecision"] != "allowed")


def pass_role(client: Clients, functions_role: str, sagemaker_role: str) -> Iterator[Finding]:
    """Whether the functions may hand the jobs' role to SageMaker: without it every run fails at its first step."""
    answer: Mapping[str, Any] = client("iam").simulate_principal_policy(
        PolicySourceArn=functions_role,
        ActionNames=["iam:PassRole"],
        ResourceArns=[sagemaker_role],
        ContextEntries=[
            {
                "ContextKeyName": "iam:PassedToService",
                "ContextKeyValues": ["sagemaker.amazonaws.com"],
                "ContextKeyType": "string",
            }
        ],
    )
    results = answer["EvaluationResults"]
    if not results:
        yield unknown("pass role", "IAM gave no answer")
    elif refusals(results):
        yield problem(
            "pass role",
            f"the functions may not pass {sagemaker_role} to SageMaker ({results[0]['EvalDecision']})",
            "A permission boundary or an organisation's policy forbids iam:PassRole; have it allowed.",
        )
    else:
        yield ok("pass role", "the functions may pass the jobs' role to SageMaker")
