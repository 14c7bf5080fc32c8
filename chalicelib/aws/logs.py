"""The logs that endpoints leave: SageMaker makes a group for each, as the endpoint's role, that would be kept for ever.

The groups of jobs are one for all of an account's, others' among them: no function may touch them
(ops/deployment/job_logs.py).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

KEPT_DAYS = 90
"""As long as the functions' own (.chalice/config.json)."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Logs:
    """Log groups. `client` makes a boto3 client of CloudWatch Logs, which few events need."""

    client: Callable[[], Any]

    def expire(self, endpoint: str) -> None:
        """Have what an endpoint logs expire, if it ever logged.

        It is housekeeping: whatever is in its way, from no such group to a denial, must not hold up a run.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # boto3 is imported on first use only

        with suppress(ClientError, BotoCoreError):
            self.client().put_retention_policy(
                logGroupName=f"/aws/sagemaker/Endpoints/{endpoint}", retentionInDays=KEPT_DAYS
            )
