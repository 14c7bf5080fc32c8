"""Who asks: the template's two roles, and whatever role of the account a job or a model was given.

A job runs under credentials of the role in its request, which are made up from the role's ARN, so that the same role
has the same after a restart; what reaches the front door under them is checked against that role's policies and no
other's.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from local.errors import ApiError
from local.permissions import account_policies
from local.permissions.account import AccountRole
from local.permissions.policy import Policies

SERVICE = "sagemaker.amazonaws.com"
_PREFIX = "ASIALOCAL"


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody with a role. `name` says which one to a witness; `arn` is who a denial names.

    `needs_table`: whether a request whose permissions nobody has looked up is refused, or asked for by its own name.
    """

    name: str
    arn: str
    policies: Policies
    needs_table: bool = True


class Principals:
    """`own`: the deployment's roles by access key; `own_roles`: their keys by ARN; `find`: a role of the account."""

    def __init__(
        self,
        own: Mapping[str, Principal],
        own_roles: Mapping[str, str],
        find: Callable[[str], AccountRole | None],
    ) -> None:
        self._own = own
        self._own_roles = own_roles
        self._find = find
        self._roles: dict[str, str] = {}  # ARNs of the account's roles, by the access key made for them

    def get(self, access_key: str) -> Principal | None:
        """Who holds a key; None: a person, or nobody known."""
        if access_key in self._own:
            return self._own[access_key]
        return self.of_role(self._roles[access_key]) if access_key in self._roles else None

    def of_role(self, arn: str) -> Principal | None:
        """A role as somebody who asks; None when there is no such role (any more)."""
        if arn in self._own_roles:
            return self._own[self._own_roles[arn]]
        role = self._find(arn)
        if role is None:
            return Principal(arn, arn, Policies(())) if arn in self._roles.values() else None
        session = f"{arn.replace(':iam:', ':sts:').partition(':role/')[0]}:assumed-role/{role.name}/SageMaker"
        return Principal(role.name, session, account_policies.policies(role.policies), needs_table=False)

    def credentials(self, arn: str) -> dict[str, str]:
        """The environment under which SageMaker works in a role's name.

        Raises:
            ApiError: ValidationException, when there is no such role or it does not trust SageMaker.
        """
        role = self._find(arn)
        if role is None or not account_policies.trusts(role.trust, SERVICE):
            raise ApiError(
                "ValidationException",
                f"Could not assume role {arn}. Please ensure that the role exists and allows principal "
                f"'{SERVICE}' to assume the role.",
            )
        if arn in self._own_roles:
            return _environment(self._own_roles[arn])
        digest = base64.b32encode(hashlib.sha256(arn.encode()).digest()).decode()
        access_key = _PREFIX + digest[: 20 - len(_PREFIX)]
        self._roles[access_key] = arn
        return _environment(access_key)


def _environment(access_key: str) -> dict[str, str]:
    return {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local"}
