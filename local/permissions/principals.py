"""Who asks: the template's two roles, and whatever role of the account a job or a model was given.

A job runs under credentials of the role in its request, which are made up from the role's ARN, so that the same role
has the same after a restart; what reaches the front door under them is checked against that role's policies and no
other's.
"""

import base64
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from local.permissions import account_policies
from local.permissions.account import AccountRole, Session
from local.permissions.permission import Values
from local.permissions.policy import Policies
from local.wire.errors import ApiError

SERVICE = "sagemaker.amazonaws.com"
SESSION = "SageMaker"
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
    """`own`: the deployment's roles by access key; `own_roles`: their keys by ARN; `find`: a role of the account.

    `session`: what STS gave an access key for.
    """

    def __init__(
        self,
        own: Mapping[str, Principal],
        own_roles: Mapping[str, str],
        find: Callable[[str], AccountRole | None],
        session: Callable[[str], Session | None] = lambda _access_key: None,
    ) -> None:
        self._own = own
        self._own_roles = own_roles
        self._find = find
        self._session = session
        self._roles: dict[str, str] = {}  # ARNs of the account's roles, by the access key made for them

    def get(self, access_key: str) -> Principal | None:
        """Who holds a key; None: a person, or nobody known."""
        if access_key in self._own:
            return self._own[access_key]
        if access_key in self._roles:
            return self.of_role(self._roles[access_key])
        given = self._session(access_key) if access_key.startswith("ASIA") else None
        if given is None:
            return None
        return self.of_role(given.role, given.name) or Principal(given.role, given.role, Policies(()))

    def of_role(self, arn: str, name: str = SESSION) -> Principal | None:
        """A role as somebody who asks, in a session of this name; None when there is no such role (any more)."""
        if arn in self._own_roles:
            return self._own[self._own_roles[arn]]
        role = self._find(arn)
        if role is None:
            return Principal(arn, arn, Policies(())) if arn in self._roles.values() else None
        session = f"{arn.replace(':iam:', ':sts:').partition(':role/')[0]}:assumed-role/{role.name}/{name}"
        policies = account_policies.policies(role.policies, role.boundary)
        return Principal(role.name, session, policies, needs_table=False)

    def lets_in(self, arn: str, names: Collection[str], facts: Mapping[str, Values]) -> bool:
        """Whether there is such a role and it may be assumed by somebody who goes by these names."""
        role = self._find(arn)
        return role is not None and account_policies.lets_in(role.trust, names, facts)

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
