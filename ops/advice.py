"""The commands that a person is told to type, written in one place so that each names the stage that is meant.

A command without its stage would act on `dev`, which is the wrong deployment for whoever looks at another. In a
checkout these are targets of the Makefile and `python -m`; where the package is installed they are `sagerelay`'s.
"""

from __future__ import annotations

from pathlib import Path

APP = "sagerelay"
INSTALLED = not (Path(__file__).resolve().parents[1] / "Makefile").exists()


def stack_of(stage: str) -> str:
    """The CloudFormation stack of a stage.

    >>> stack_of("prod")
    'sagerelay-prod'
    """
    return f"{APP}-{stage}"


def stage_of(stack: str) -> str:
    """The stage of a stack.

    >>> stage_of("sagerelay-prod")
    'prod'
    """
    return stack.partition("-")[2]


def aws(command: str, region: str) -> str:
    """A call of the AWS command line in the region that is meant: a profile's may be another.

    >>> aws("events enable-rule --name sweep", "eu-west-1")
    '`aws events enable-rule --name sweep --region eu-west-1`'
    """
    return f"`aws {command} --region {region}`"


def make(what: str, stage: str, *more: str, installed: bool = INSTALLED) -> str:
    """A target of the Makefile, with its variables.

    >>> make("teardown", "prod", "WITH_BUCKET=yes", installed=False)
    '`make teardown STAGE=prod WITH_BUCKET=yes`'
    >>> make("teardown", "prod", "WITH_BUCKET=yes", installed=True)
    '`sagerelay teardown --stage prod --with-bucket`'
    """
    given = [tuple(one.split("=", 1)) for one in (f"STAGE={stage}", *more)]
    return f"`{' '.join([APP if installed else 'make', what, *(option(*one, installed=installed) for one in given)])}`"


def option(name: str, value: str = "", *, installed: bool = INSTALLED) -> str:
    """A variable of the Makefile, which is an option of the command `sagerelay`; without a value, its name.

    >>> option("KMS_KEY", "none", installed=False), option("KMS_KEY", "none", installed=True)
    ('KMS_KEY=none', '--kms-key none')
    """
    if not installed:
        return f"{name}={value}" if value else name
    flag = f"--{name.lower().replace('_', '-')}"
    return flag if name in _FLAGS or not value else f"{flag} {value}"


_FLAGS = {"WITH_BUCKET", "YES"}


def up(*, installed: bool = INSTALLED) -> str:
    """What starts the embedded cloud.

    >>> up(installed=True)
    '`sagerelay up`'
    """
    return f"`{APP if installed else 'make'} up`"


def ours(command: str, *, installed: bool = INSTALLED) -> str:
    """A command of this room.

    >>> ours("status", installed=False), ours("status", installed=True)
    ('.venv/bin/python -m ops status', 'sagerelay status')
    """
    return f"{APP if installed else '.venv/bin/python -m ops'} {command}"


def replay(stage: str) -> str:
    """How dead letters are handed over again."""
    return f"`{ours(f'replay --stage {stage}')}`"
