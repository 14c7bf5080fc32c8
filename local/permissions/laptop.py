"""The guard of the embedded cloud: the template's roles, with the names that things have in `local.stack`."""

from collections.abc import Callable, Mapping

from local import stack
from local.permissions import roles
from local.permissions.guard import Guard, Principal, Witness
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


def guard(tags_of: Callable[[str], Mapping[str, str]], witness: Witness | None = None) -> Guard:
    """Restricts the functions and the jobs. Raises PolicyError for a policy that cannot be evaluated."""
    of_role = roles.policies(names())
    principals = {
        identity.access_key: Principal(role, _session(identity, session), of_role[role])
        for identity, role, session in (
            (stack.LAMBDA, LAMBDA_ROLE, "function"),
            (stack.JOBS, JOBS_ROLE, "SageMaker"),
        )
    }
    here = Surroundings(stack.REGION, stack.ACCOUNT, tags_of, {stack.topic_arn(): TOPIC_KEY})
    return Guard(principals, here, witness)


def _session(identity: stack.Identity, name: str) -> str:
    return f"arn:aws:sts::{stack.ACCOUNT}:assumed-role/{identity.role}/{name}"
