"""The guard of the embedded cloud: the template's roles, with the names that things have in `local.stack`."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from local import stack
from local.permissions import account, own_code, roles
from local.permissions.account import AccountRole
from local.permissions.guard import Guard, Witness
from local.permissions.identity import Identity
from local.permissions.permission import Permission
from local.permissions.principals import Principal, Principals
from local.permissions.roles import JOBS_ROLE, LAMBDA_ROLE, Names
from local.permissions.surroundings import Surroundings

TOPIC_KEY = f"arn:aws:kms:{stack.REGION}:{stack.ACCOUNT}:key/5a6e4e1a-0000-4000-8000-000000000000"
"""The key the topic would be encrypted with; nothing is on a laptop."""


def names() -> Names:
    """What the template's Ref and GetAtt give here."""
    attributes = {
        "Bucket.Arn": f"arn:aws:s3:::{stack.BUCKET}",
        "Table.Arn": f"arn:aws:dynamodb:{stack.REGION}:{stack.ACCOUNT}:table/{stack.TABLE}",
        "FailedQueue.Arn": f"arn:aws:sqs:{stack.REGION}:{stack.ACCOUNT}:{stack.FUNCTION_FAILURES}",
        "SageMakerRole.Arn": stack.JOBS.role_arn,
        "TopicKey.Arn": TOPIC_KEY,
    }
    return Names(stack.STACK, stack.REGION, stack.ACCOUNT, {"Topic": stack.topic_arn()}, attributes)


class LaptopRoles:
    """The roles in whose names SageMaker works: the template's, and those of the account's owner."""

    def __init__(self, principals: Principals, guard: Guard) -> None:
        self._principals, self._guard = principals, guard

    def credentials(self, role_arn: str) -> dict[str, str]:
        """As `Principals.credentials`."""
        return self._principals.credentials(role_arn)

    def objection(self, role_arn: str, needed: Iterable[Permission]) -> str | None:
        """Why a role may not do something; None when it may."""
        principal = self._principals.of_role(role_arn)
        return self._guard.objection(principal, needed) if principal else f"there is no role {role_arn}"


def principals() -> Principals:
    """Who is restricted: the functions, and the jobs. Raises PolicyError for a policy that cannot be evaluated."""
    of_role = roles.policies(names())
    own = {
        identity.access_key: Principal(role, _session(identity, session), of_role[role])
        for identity, role, session in (
            (stack.LAMBDA, LAMBDA_ROLE, "function"),
            (stack.JOBS, JOBS_ROLE, "SageMaker"),
        )
    }
    arns = {stack.LAMBDA.role_arn: stack.LAMBDA.access_key, stack.JOBS.role_arn: stack.JOBS.access_key}
    return Principals(own, arns, _role, partial(account.session, stack.ACCOUNT))


def _role(arn: str) -> AccountRole | None:
    """A role of the account: one of a dataset's own code, or whatever its owner has made."""
    return own_code.find(arn, names(), stack.BUCKET) or account.find(stack.ACCOUNT, arn)


def guard(who: Principals, tags_of: Callable[[str], Mapping[str, str]], witness: Witness | None = None) -> Guard:
    """Asks of whoever is restricted what AWS would ask."""
    here = Surroundings(stack.REGION, stack.ACCOUNT, tags_of, {stack.topic_arn(): TOPIC_KEY})
    return Guard(who, here, witness)


def identity(who: Principals) -> Identity:
    """Answers who asks. A person asks under the execution role that is there for his own experiments."""
    return Identity(
        who,
        account=stack.ACCOUNT,
        person=_session(stack.NOTEBOOK, "laptop"),
        is_user=partial(account.has_user, stack.ACCOUNT),
        user_with=partial(account.user_with, stack.ACCOUNT),
    )


def _session(identity: stack.Identity, name: str) -> str:
    return f"arn:aws:sts::{stack.ACCOUNT}:assumed-role/{identity.role}/{name}"
