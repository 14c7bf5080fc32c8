"""What a person asked for when deploying, and what is wrong with it: said before anything is touched.

Pure. On an update everything that was not given keeps the value it has in the stack, so that a forgotten argument
cannot take a key or a private network away; `none` is how it is taken away on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.names import DATASET_NAME
from chalicelib.records.own_code import LONGEST_NAME
from ops.advice import option, stack_of

NONE = "none"
TAG = "sagerelay:deployment"
CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")

MOST_OWN_CODE = 8
"""Datasets with a role for code of their own: a template within a request has room for so many."""

_STAGE = re.compile(r"[a-z][a-z0-9]{0,11}")
_EMAIL = re.compile(r"[^@\s,;<>\"'\\]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,}")
_KEY = re.compile(r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):\d{12}:key/[A-Za-z0-9-]+")
_BOUNDARY = re.compile(r"arn:aws[a-z-]*:iam::(?:\d{12}|aws):policy/[\w+=,.@/-]+")
_DOLLARS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_SUBNET, _GROUP = re.compile(r"subnet-[0-9a-f]+"), re.compile(r"sg-[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Order:
    """The arguments of `make deploy`; None: not given."""

    stage: str = "dev"
    email: str | None = None
    kms_key: str | None = None
    subnets: str | None = None
    security_groups: str | None = None
    boundary: str | None = None
    costs_above: str | None = None
    aws_budget: str | None = None
    own_code: str | None = None

    @property
    def stack(self) -> str:
        """The CloudFormation stack's name, which is also the prefix of whatever the deployment makes."""
        return stack_of(self.stage)

    @property
    def tags(self) -> dict[str, str]:
        """What CloudFormation puts on the stack and everything in it."""
        return {TAG: self.stack}


def stage_mistakes(stage: str) -> list[str]:
    """What is wrong with a stage's name: it goes into the stack's, and into commands.

    >>> stage_mistakes("dev'; x")
    ["STAGE=dev'; x is no stage name: at most 12 of a-z and 0-9, a letter first, as in STAGE=devx."]
    """
    return [] if _STAGE.fullmatch(stage) else [_stage_mistake(stage)]


def key_change(order: Order, known: Mapping[str, str]) -> list[str]:
    """Why a stack's key cannot be changed or taken back; `known`: the stack's parameters.

    >>> key_change(Order(kms_key="none"), {"KmsKeyArn": ""})
    []
    """
    old, new = known.get("KmsKeyArn", ""), given(order.kms_key)
    if not old or new is None or new == old:
        return []
    why = (
        f"{option('KMS_KEY')} cannot be changed or taken back: models, data and records of {order.stack} are encrypted "
        f"with {old}, and with another key its roles could read none of them any more. Leave {option('KMS_KEY')} out "
        f"to keep that key, or deploy a new stage with the other one ({option('STAGE', '...')}) and copy datasets/ "
        "there."
    )
    return [why]


def mistakes(order: Order, *, region: str, first: bool) -> list[str]:
    """What must be corrected; each says what is wrong and what is right.

    >>> mistakes(Order(stage="Prod", email="ann@example.com"), region="eu-west-1", first=True)
    ['STAGE=Prod is no stage name: at most 12 of a-z and 0-9, a letter first, as in STAGE=prod.']
    """
    found = stage_mistakes(order.stage)
    if order.email is None and first:
        found.append(f"A first deployment needs {option('EMAIL', 'you@example.com')}, where the mails go.")
    if order.email is not None and not _EMAIL.fullmatch(order.email):
        found.append(
            f"{option('EMAIL', order.email)} is not one e-mail address; more subscribers can be added to the topic "
            "later."
        )
    found += _of_key(given(order.kms_key), region)
    if (boundary := given(order.boundary)) and not _BOUNDARY.fullmatch(boundary):
        found.append(
            f"{option('BOUNDARY', boundary)} is not the ARN of an IAM policy (arn:aws:iam::ACCOUNT:policy/NAME)."
        )
    if order.costs_above is not None and not _DOLLARS.fullmatch(order.costs_above):
        found.append(
            f"{option('COSTS_ABOVE', order.costs_above)} is no number of US dollars, as {option('COSTS_ABOVE', '10')}."
        )
    if (net := given(order.aws_budget)) and not _DOLLARS.fullmatch(net):
        found.append(
            f"{option('AWS_BUDGET', net)} is no number of US dollars, as {option('AWS_BUDGET', '60')}, and not `none`."
        )
    if net and region.startswith("us-gov-"):
        found.append(f"{option('AWS_BUDGET')} needs AWS Budgets, which are not offered in {region}.")
    found += _of_own_code(given(order.own_code))
    return found + _of_network(given(order.subnets), given(order.security_groups))


def given(value: str | None) -> str | None:
    """An argument as the template's parameter: `none` is the empty text, not given stays None.

    >>> given("none"), given(None), given(" subnet-1, subnet-2 ")
    ('', None, 'subnet-1,subnet-2')
    """
    if value is None:
        return None
    return "" if value.strip().lower() == NONE else "".join(value.split())


def parameters(order: Order, code_prefix: str) -> dict[str, str]:
    """The template's parameters that this order sets; all others keep what they have."""
    asked = {
        "Email": order.email,
        "CodePrefix": code_prefix,
        "KmsKeyArn": given(order.kms_key),
        "SubnetIds": given(order.subnets),
        "SecurityGroupIds": given(order.security_groups),
        "PermissionsBoundaryArn": given(order.boundary),
        "CostsAbove": order.costs_above,
        "OwnCode": given(order.own_code),
    }
    return {name: value for name, value in asked.items() if value is not None}


def with_previous(
    set_now: Mapping[str, str], known: Mapping[str, str], template: Mapping[str, object]
) -> list[dict[str, object]]:
    """CreateChangeSet's Parameters: those set now, and for the others of the template the stack's own value if any.

    >>> with_previous({"Email": "a@b.example"}, {"Email": "x", "KmsKeyArn": "k", "Gone": "g"}, {"KmsKeyArn": {}})[1:]
    [{'ParameterKey': 'KmsKeyArn', 'UsePreviousValue': True}]
    """
    now: list[dict[str, object]] = [{"ParameterKey": key, "ParameterValue": value} for key, value in set_now.items()]
    kept = [name for name in template if name in known and name not in set_now]
    return now + [{"ParameterKey": name, "UsePreviousValue": True} for name in kept]


def _stage_mistake(stage: str) -> str:
    better = re.sub(r"^[0-9]+", "", re.sub(r"[^a-z0-9]", "", stage.lower()))[:12] or "dev"
    return (
        f"{option('STAGE', stage)} is no stage name: at most 12 of a-z and 0-9, a letter first, as in "
        f"{option('STAGE', better)}."
    )


def _of_key(key: str | None, region: str) -> list[str]:
    if not key:
        return []
    match = _KEY.fullmatch(key)
    if match is None:
        return [
            f"{option('KMS_KEY', key)} is not the ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID); an alias is none."
        ]
    if match["region"] != region:
        return [
            f"{option('KMS_KEY')} is a key of {match['region']}; the deployment is in {region}, and keys do not travel."
        ]
    return []


def _of_own_code(datasets: str | None) -> list[str]:
    names = [one for one in (datasets or "").split(",") if one]
    wrong = [one for one in names if not DATASET_NAME.fullmatch(one) or len(one) > LONGEST_NAME]
    found = []
    if wrong:
        found.append(
            f"{option('OWN_CODE')} holds {', '.join(wrong)}; it takes names of datasets with commas between them, each "
            f"of at most {LONGEST_NAME} characters, as {option('OWN_CODE', 'churn,prices')}."
        )
    if len(set(names)) > MOST_OWN_CODE:
        found.append(
            f"{option('OWN_CODE')} names {len(set(names))} datasets; a deployment has {MOST_OWN_CODE} at most."
        )
    return found


def _of_network(subnets: str | None, groups: str | None) -> list[str]:
    found = []
    for name, value, pattern, example in (
        ("SUBNETS", subnets, _SUBNET, "subnet-0a1b2c3d"),
        ("SECURITY_GROUPS", groups, _GROUP, "sg-0a1b2c3d"),
    ):
        wrong = [one for one in (value or "").split(",") if one and not pattern.fullmatch(one)]
        if wrong:
            found.append(
                f"{option(name)} holds {', '.join(wrong)}; it takes ids with commas between them, as {example}."
            )
    together = f"{option('SUBNETS')} and {option('SECURITY_GROUPS')} belong together"
    if subnets is not None and groups is not None and bool(subnets) != bool(groups):
        found.append(f"{together}: both, or `none` for both.")
    if (subnets is None) != (groups is None):
        found.append(f"{together}: give both or neither.")
    return found
