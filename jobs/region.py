"""The region that a job's clients of AWS ask, from the environment that SageMaker starts it in."""

import os


def region() -> str | None:
    """None: not said; boto3 looks for it elsewhere then. By itself it reads only the second of the two names."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
