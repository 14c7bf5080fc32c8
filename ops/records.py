"""The relay's own records of a deployment, read as the relay reads them."""

from __future__ import annotations

from chalicelib.aws.store import Store
from ops.target import OpsError, Target


def of(target: Target) -> Store:
    """The records of this deployment.

    Raises:
        OpsError: where they lie is not known.
    """
    if target.table is None:
        raise OpsError("The stack does not say TableName; name the DynamoDB table by --table.")
    return Store(target.client("dynamodb"), target.table)
