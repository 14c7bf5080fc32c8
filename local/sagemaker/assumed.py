"""The roles in whose names SageMaker works: whom it asks for their credentials, and what it then works with.

Whoever starts a job names a role, and everything of that job (its inputs, its results, what its own code asks for) is
done under that role's credentials and no other's. Who may do what is not decided here.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from local.permissions.permission import Permission
from local.sagemaker.objects import Objects


class Roles(Protocol):
    """The account's roles, as far as SageMaker is concerned."""

    def credentials(self, role_arn: str) -> dict[str, str]:
        """The environment with a role's credentials. Raises ApiError when SageMaker may not assume it."""

    def objection(self, role_arn: str, needed: Iterable[Permission]) -> str | None:
        """Why a role may not do something; None when it may."""


class AnyRole:
    """Every role exists and may do everything."""

    def credentials(self, role_arn: str) -> dict[str, str]:
        del role_arn
        return {}

    def objection(self, role_arn: str, needed: Iterable[Permission]) -> str | None:
        del role_arn, needed
        return None


@dataclass(frozen=True, slots=True)
class Assumed:
    """What SageMaker works with in a role's name: the environment of its commands, and S3."""

    environment: dict[str, str]
    objects: Objects


class Assuming:
    """Assumes roles. `environment`: what every command gets; `s3`: makes a client with an environment's credentials."""

    def __init__(
        self, roles: Roles, environment: dict[str, str], s3: Callable[[dict[str, str]], Any], cache: Path
    ) -> None:
        self._roles = roles
        self._environment = environment
        self._s3 = s3
        self._cache = cache
        self._lock = threading.Lock()
        self._objects: dict[str, Objects] = {}  # by access key: what one role has fetched, another may not see

    def __call__(self, role_arn: str) -> Assumed:
        """Raises ApiError ValidationException when SageMaker may not assume the role."""
        environment = {**self._environment, **self._roles.credentials(role_arn)}
        key = environment.get("AWS_ACCESS_KEY_ID", "")
        with self._lock:
            if key not in self._objects:
                self._objects[key] = Objects(self._s3(environment), self._cache / key)
            return Assumed(environment, self._objects[key])
