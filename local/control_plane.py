"""What the one address asks of the SageMaker behind it."""

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from local.sagemaker import tagged


class ControlPlane(Protocol):
    """What the front door needs of SageMaker."""

    @property
    def OPERATIONS(self) -> Collection[str]: ...  # noqa: N802 - AWS's operations, as the control plane names them

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Raises ApiError."""

    def scaling(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Application Auto Scaling, of its endpoints. Raises ApiError."""

    def calling(self, endpoint: str, size: int, /) -> AbstractContextManager[tuple[str, int]]:
        """Where it listens, for one request of so many bytes. Raises ApiError when no such endpoint is in service."""

    def answered(self, endpoint: str, port: int, status: int, seconds: float) -> None:
        """How a request ended that was sent there."""

    def tagged(self) -> Iterable[tagged.Entry]:
        """What the index of tags holds."""
