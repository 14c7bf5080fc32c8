"""The roles of datasets' own code, from the template that `ops deploy` makes them of.

Nobody deploys a laptop, and any dataset may have such code there: so a role is there as soon as it is asked for.
"""

import json
import re
import sys
from functools import lru_cache

from local.permissions import template
from local.permissions.account import AccountRole
from local.permissions.roles import INFRA, Names
from local.permissions.template import Resolver

_DATASET = r"(?P<dataset>[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?)"

_WARNING = (
    'Dataset "{}" has code of your own: it runs here as a process of yours, and can do to this machine what you can. '
    "On AWS it would run only where OWN_CODE allows it (docs/algorithms.md)."
)
"""Told when such a role is first asked for, once a dataset and start."""


def find(arn: str, names: Names, bucket: str) -> AccountRole | None:
    """The role of this ARN, where it is one of a dataset's own code."""
    prefix = f"arn:aws:iam::{names.account}:role/"
    known = re.fullmatch(f"{re.escape(prefix)}{re.escape(names.stack)}-own-{_DATASET}", arn)
    return _role(arn, known["dataset"], names.stack, names.region, names.account, bucket) if known else None


@lru_cache(maxsize=64)
def _role(arn: str, dataset: str, stack: str, region: str, account: str, bucket: str) -> AccountRole:
    print(_WARNING.format(dataset), file=sys.stderr, flush=True)
    text = (
        (INFRA / "beside" / "own_code.yaml")
        .read_text(encoding="utf-8")
        .replace("@dataset@", dataset)
        .replace("@id@", "")
    )
    document = template.load(text)
    values = {name: given.get("Default") for name, given in document["Parameters"].items()}
    values |= {"Stack": stack, "Bucket": bucket, "AWS::Partition": "aws", "AWS::Region": region}
    resolver = Resolver({**values, "AWS::AccountId": account}, {}, document["Conditions"])
    role = resolver.resolve(document["Resources"]["Role"]["Properties"])
    policies = tuple(json.dumps(one["PolicyDocument"]) for one in role["Policies"])
    return AccountRole(arn, role["RoleName"], json.dumps(role["AssumeRolePolicyDocument"]), policies)
