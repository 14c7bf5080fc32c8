"""The account's own roles, as moto's IAM holds them: whom they trust and what their policies say.

It reaches into moto like `local.state`: the check is asked with every request, and through the API each look would be
several requests more. What a policy means is not decided here.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AccountRole:
    """A role: `trust` and `policies` are documents as text, inline and attached ones alike.

    `boundary`: its permissions boundary; None: it has none, "": one that is not there.
    """

    arn: str
    name: str
    trust: str
    policies: tuple[str, ...]
    boundary: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """What STS gave keys for: a role, under a name."""

    role: str
    name: str


def find(account: str, arn: str) -> AccountRole | None:
    """The role of this ARN; None when there is none."""
    for role in list(backend(account).roles.values()):
        if role.arn == arn:
            attached = (default_document(policy) for policy in list(role.managed_policies.values()))
            return AccountRole(
                role.arn,
                role.name,
                role.assume_role_policy_document,
                (*role.policies.values(), *attached),
                _boundary(account, role.permissions_boundary_arn),
            )
    return None


def _boundary(account: str, arn: str | None) -> str | None:
    if not arn:
        return None
    policy = backend(account).managed_policies.get(arn)
    return "" if policy is None else default_document(policy)


def session(account: str, access_key: str) -> Session | None:
    """The session whose keys STS gave away; None when they are somebody else's."""
    from moto.sts.models import sts_backends

    for assumed in list(sts_backends[account]["aws"].assumed_roles):
        if assumed.access_key_id == access_key:
            return Session(assumed.role_arn, assumed.session_name)
    return None


def user_with(account: str, access_key: str) -> str | None:
    """The ARN of the user who has these keys."""
    for user in list(backend(account).users.values()):
        if any(key.access_key_id == access_key for key in user.access_keys):
            return str(user.arn)
    return None


def has_user(account: str, arn: str) -> bool:
    """Whether the account has this user."""
    return any(user.arn == arn for user in list(backend(account).users.values()))


def default_document(policy: Any) -> str:
    """The document of a policy's default version."""
    return next(str(one.document) for one in policy.versions if one.version_id == policy.default_version_id)


def offer_managed_policies(account: str) -> None:
    """Empties moto's IAM of an account of all but AWS's own policies, which it knows by name until the next reset.

    moto looks for a key in all partitions: were this its setting for good, each would get the 1,500 of its own, and
    would get them again at each reset, only to be thrown away.
    """
    from moto.core.config import default_user_config

    iam = backend(account)
    default_user_config["iam"]["load_aws_managed_policies"] = True
    iam.reset()
    default_user_config["iam"]["load_aws_managed_policies"] = False


def backend(account: str) -> Any:
    """moto's IAM of an account."""
    from moto.iam.models import iam_backends

    return iam_backends[account]["aws"]
