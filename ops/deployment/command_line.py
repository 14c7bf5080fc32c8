"""The AWS command line, as a program: `aws cloudformation deploy` is what brings the stack up.

It makes the change set, waits, executes it and tells progress, as everybody knows it; only what it lacks is done around
it. It runs under this very Python, so the version is the one of requirements-deploy.txt.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ops.deployment.order import CAPABILITIES


class Run(Protocol):
    """Runs a program to its end and gives its exit code; what it prints is shown."""

    def __call__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> int: ...


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """`aws` with these arguments. A Ctrl-C reaches it too, as it is in our process group."""
    program = [sys.executable, "-m", "awscli", *arguments]
    return subprocess.run(program, env={**environment, "AWS_PAGER": ""}, check=False).returncode


@dataclass(frozen=True, slots=True)
class Deployment:
    """One call of `aws cloudformation deploy`."""

    stack: str
    template: Path
    region: str
    bucket: str
    """For the template, which is larger than a request may be."""
    parameters: Mapping[str, str]
    tags: Mapping[str, str]

    def arguments(self) -> list[str]:
        """The call. A parameter that is not given keeps its value; no change is success."""
        return [
            "cloudformation", "deploy",
            "--stack-name", self.stack,
            "--template-file", str(self.template),
            "--region", self.region,
            "--s3-bucket", self.bucket,
            "--s3-prefix", f"{self.stack}/template",
            "--capabilities", *CAPABILITIES,
            "--no-fail-on-empty-changeset",
            "--tags", *(f"{key}={value}" for key, value in self.tags.items()),
            "--parameter-overrides", *(f"{key}={value}" for key, value in self.parameters.items()),
        ]  # fmt: skip
