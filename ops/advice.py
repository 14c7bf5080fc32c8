"""The commands that a person is told to type, written in one place so that each names the stage that is meant.

Pure. A command without its stage would act on `dev`, which is the wrong deployment for whoever looks at another.
"""

from __future__ import annotations

APP = "sagerelay"


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


def make(what: str, stage: str, *more: str) -> str:
    """A target of the Makefile.

    >>> make("teardown", "prod", "WITH_BUCKET=yes")
    '`make teardown STAGE=prod WITH_BUCKET=yes`'
    """
    return f"`{' '.join(['make', what, f'STAGE={stage}', *more])}`"


def replay(stage: str) -> str:
    """How dead letters are handed over again.

    >>> replay("prod")
    '`.venv/bin/python -m ops replay --stage prod`'
    """
    return f"`.venv/bin/python -m ops replay --stage {stage}`"
