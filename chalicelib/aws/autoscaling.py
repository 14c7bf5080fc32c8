"""Application Auto Scaling: how many instances a live endpoint has."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from chalicelib.aws.errors import NotFoundError, translated


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AutoScaling:
    """Scalable targets. `client` makes a boto3 client of Application Auto Scaling, which few events need."""

    client: Callable[[], Any]

    def put(self, target: dict[str, Any], policy: dict[str, Any]) -> None:
        """Register a target and give it its policy; as often as one likes.

        Raises:
            BusyError: something else is being done with it at this moment.
            RefusedError, DeniedError, NotFoundError: it is not scaled.
        """
        with translated():
            self.client().register_scalable_target(**target)
            self.client().put_scaling_policy(**policy)

    def drop(self, target: dict[str, Any]) -> None:
        """Deregister a target, and its policies and their alarms with it, if it is one.

        Raises:
            BusyError: something else is being done with it at this moment.
            RefusedError, DeniedError: it is scaled still.
        """
        with suppress(NotFoundError), translated():
            self.client().deregister_scalable_target(**target)
