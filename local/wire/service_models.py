"""What botocore knows of AWS's services, read once in a process.

A session reads the models of its services for itself, which takes longer than most of what a local client is made for;
and every job has a session, because every job has credentials.
"""

from __future__ import annotations

from functools import cache
from typing import Any


def sharing_models(session: Any) -> Any:
    """A botocore session's clients are made from what other sessions have read; gives the session.

    To be called after boto3 has taken the session, which adds a folder of its own to the session's loader.
    """
    session.register_component("data_loader", _loader())
    return session


@cache
def _loader() -> Any:
    from botocore.loaders import create_loader  # not before somebody needs a client: the command starts faster

    return create_loader()
