"""AWS at arm's length: clients, made on first use, and adapters that turn its answers into our values.

The one place that imports boto3, and only when a client is wanted: importing the app makes no client and needs no boto3
(it comes with Lambda's runtime).

    sagemaker.py  calls that may be repeated         answers.py  its descriptions, read as facts
    objects.py    the bucket                         store.py    the table; looks.py: who looks at a folder
    topic.py      mails out                          tagged.py   what carries our tag
    alarms.py     on what the relay serves           logs.py     those that endpoints leave
    figures.py    how often endpoints are asked
    autoscaling.py how many instances serve          errors.py   kinds of error, by code
"""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def client(name: str) -> Any:
    """The boto3 client of a service. boto3 reads region, credentials and `AWS_ENDPOINT_URL` from the environment."""
    import boto3  # on first use: an event that is ignored must not pay for it
    from botocore.config import Config

    return boto3.client(name, config=Config(retries={"mode": "standard", "total_max_attempts": 5}))
