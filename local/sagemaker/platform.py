"""What SageMaker does in a role's name besides reading inputs and writing results: the image, the metrics, the logs.

Nothing of it really happens here, and what writes logs asks by itself; but a role that may not do it has jobs that fail
in the account, minutes after they were started. So it is asked for at the place where SageMaker would do it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from local.permissions.permission import Permission, permission
from local.permissions.sagemaker import repository

Objection = Callable[[str, Iterable[Permission]], str | None]
"""Why a role may not do something; None when it may."""

_PULLING = ("BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage")


class DeniedToRoleError(Exception):
    """The role lacks a permission; the message is the FailureReason SageMaker would give."""


@dataclass(frozen=True, slots=True)
class Platform:
    """`objection` is whom to ask."""

    region: str
    account: str
    objection: Objection

    def require(self, role: str, *, image: str, logs: str) -> None:
        """Raise DeniedToRoleError unless the role of this ARN may have this image pulled, and metrics and logs written.

        `logs` is the log group, which for SageMaker is the namespace of the metrics too.
        """
        text = self.objection(role, self._needed(image, logs))
        if text:
            raise DeniedToRoleError(f"ClientError: {text}")

    def _needed(self, image: str, logs: str) -> Iterator[Permission]:
        yield Permission("ecr:GetAuthorizationToken", "*")
        for action in _PULLING:
            yield Permission(f"ecr:{action}", repository(image))
        yield permission("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": logs})
        group = f"arn:aws:logs:{self.region}:{self.account}:log-group:{logs}:log-stream:"
        yield Permission("logs:DescribeLogStreams", group)
