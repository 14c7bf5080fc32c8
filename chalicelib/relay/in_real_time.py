"""Where AWS takes no serverless endpoint: the run goes on in real time, and is not stopped by it. Pure.

Whether an account, a region or an image may have one is known from AWS alone. It says so when the configuration or the
endpoint is created, or minutes later, when the endpoint is Failed. Its words are looked at for one thing only, whether
a permission is missing, which no other endpoint would mend: whatever else it was, a real-time endpoint is the answer,
and where the model itself is the reason, that fails in turn with words of its own.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.failures import Remedy, failure_class, treat
from chalicelib.names import Step
from chalicelib.records.commands import Command, RememberRefusal, Remove, Start
from chalicelib.records.events import StepFailed
from chalicelib.records.run import Run
from chalicelib.requests import serverless
from chalicelib.serving_mode import Mode

_SERVING = {Step.CANDIDATE, Step.LIVE}
_QUOTA = "resourcelimitexceeded"
"""The account's total concurrency: a run waits for instances that come free, but not for what nobody gives back."""
_NOT_ALLOWED = {"accessdeniedexception", "accessdenied"}
_TOO_LARGE = "the model needs more memory than a serverless endpoint can have"


def is_refusal(command: Command, run: Run, why: str) -> bool:
    """Whether what stands in the way of a command is a quota that only serverless endpoints have."""
    serving = isinstance(command, Start) and command.step in _SERVING
    return serving and run.mode is Mode.SERVERLESS and failure_class(why) == _QUOTA


def instead_of(run: Run, event: StepFailed) -> tuple[Run, tuple[Command, ...]] | None:
    """The run as it goes on in real time, and what has to be done for it; None where that is no answer.

    The model is another, because the container of the first was told to capture by itself (`requests.endpoints`).
    """
    if run.mode is not Mode.SERVERLESS or event.step not in _SERVING or failure_class(event.reason) in _NOT_ALLOWED:
        return None
    is_quota = failure_class(event.reason) == _QUOTA
    if not (event.refused or is_quota or treat(event.reason, event.attempt, run.retried).remedy is Remedy.GIVE_UP):
        return None
    because = f"AWS refused a serverless endpoint: {event.reason}"
    now = replace(run, mode=Mode.REALTIME, mode_because=because, serverless_refused=event.reason)
    return now, (Remove(event.step, event.attempt), Start(event.step, event.attempt + 1))


def if_too_large(run: Run) -> Run:
    """The run, in real time where no serverless endpoint has the memory for its model."""
    chosen = run.settings["endpoint"]["memory_mb"]
    if run.mode is not Mode.SERVERLESS or serverless.memory_mb(chosen, run.artifact_bytes):
        return run
    return replace(run, mode=Mode.REALTIME, mode_because=_TOO_LARGE)


def remembered(run: Run) -> tuple[Command, ...]:
    """What later runs have to know, once a real-time endpoint has shown that the model was not the reason.

    Not at the refusal: a deleted artifact or a quota of instances is refused in either mode, and whatever is noted has
    every dataset pay for servers for a month. A run that ends before leaves nothing: the next one asks once more.
    """
    return (RememberRefusal(),) if run.serverless_refused else ()
