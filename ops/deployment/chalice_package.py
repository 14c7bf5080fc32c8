"""`chalice package` for another Python and another machine than the one it runs on; a program of its own.

Chalice packages for the interpreter it runs under and has no setting for that (its configuration says "we may open this
up later"), and what pip downloads for another one follows from pip's environment. So this runs Chalice's own command on
a configuration that says which Python and architecture are meant, and pip is told the same by `environment`.

    python -m ops.deployment.chalice_package 3.13 arm64 --merge-template merge.json out
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's architectures, and what wheels call them."""


def environment(python: str, architecture: str) -> dict[str, str]:
    """What makes pip download wheels for this Python on Lambda's Linux, and nothing that would have to be compiled.

    >>> environment("3.13", "arm64")["PIP_PLATFORM"].split()[-2:]
    ['manylinux_2_34_aarch64', 'manylinux2014_aarch64']
    """
    # Amazon Linux 2023 has glibc 2.34; before Python 3.12 it was Amazon Linux 2 with 2.26.
    newest = 34 if int(python.partition(".")[2]) >= 12 else 26
    machine = MACHINES[architecture]
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(17, newest + 1)]
    return {
        "PIP_PYTHON_VERSION": python,
        "PIP_IMPLEMENTATION": "cp",
        "PIP_ONLY_BINARY": ":all:",
        "PIP_PLATFORM": " ".join([*platforms, f"manylinux2014_{machine}"]),
    }


def main(python: str, architecture: str, arguments: list[str]) -> None:
    """Run `chalice package` in the current folder."""
    from chalice.cli import package
    from chalice.cli.factory import CLIFactory
    from chalice.config import Config

    class Meant(Config):
        """The configuration, for the Python meant."""

        @property
        def lambda_python_version(self) -> str:
            return f"python{python}"

        @property
        def lambda_architecture(self) -> str:
            return architecture

    class Factory(CLIFactory):
        """Gives Chalice's command that configuration."""

        def create_config_obj(self, *given: Any, **named: Any) -> Config:
            read = super().create_config_obj(*given, **named)
            read.__class__ = Meant  # it was made by Chalice, which knows no other class; `scope` keeps it
            return read

    package.main(arguments, obj={"factory": Factory(str(Path.cwd()))}, standalone_mode=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
