"""Every request that is sent through boto3's default session, as the code gave it to its client.

The hook is the session's, so that whatever client the code makes for itself is listened to: adapters and job scripts
are the real ones and know nothing of it.
"""

from __future__ import annotations

import copy
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = tuple(f"{ROOT / room}{os.sep}" for room in ("chalicelib", "jobs"))


@dataclass(frozen=True, slots=True)
class Sent:
    """One request. `service` is its client's name, `operation` AWS's, `asked_by` the file of ours that sent it."""

    service: str
    operation: str
    parameters: dict[str, Any]
    asked_by: str

    @property
    def name(self) -> str:
        return f"{self.service}.{self.operation}"


@dataclass(slots=True)
class Recorder:
    """What was sent, in order."""

    sent: list[Sent] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def names(self) -> set[str]:
        return {one.name for one in self.sent}

    def files(self) -> set[str]:
        return {one.asked_by for one in self.sent}

    def note(self, params: dict[str, Any], model: Any, **_: object) -> None:
        """botocore's hook `provide-client-params`, called before anything is added or encoded."""
        sent = Sent(model.service_model.service_name, model.name, copy.deepcopy(params), _asking())
        with self._lock:
            self.sent.append(sent)


def _asking() -> str:
    """The innermost file of what is shipped that is being run, as `chalicelib/aws/store.py`."""
    frame = sys._getframe().f_back
    while frame is not None:
        if frame.f_code.co_filename.startswith(SHIPPED):
            return Path(frame.f_code.co_filename).relative_to(ROOT).as_posix()
        frame = frame.f_back
    raise AssertionError("a request that nothing of ours has sent")


@contextmanager
def recording(recorder: Recorder) -> Iterator[Recorder]:
    """Listen to all clients that are made of the default session meanwhile."""
    before = boto3.DEFAULT_SESSION
    boto3.setup_default_session()
    boto3.DEFAULT_SESSION.events.register("provide-client-params.*.*", recorder.note)
    try:
        yield recorder
    finally:
        boto3.DEFAULT_SESSION = before
