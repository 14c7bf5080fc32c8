"""How a model is served: the modes there are, and which one a run has.

relay.yaml's `endpoint.mode` asks; `resolve` answers when a run begins, from what is known then, and says why. What only
AWS knows (whether it takes a serverless endpoint at all) shows later: then the run goes on in real time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Mode(StrEnum):
    """What answers callers."""

    SERVERLESS = "serverless"
    """An endpoint that is billed by request, and starts with the first one."""
    REALTIME = "realtime"
    """An endpoint on instances, billed by the hour."""
    BATCH = "batch"
    """None: files are predicted."""


class Resolved(NamedTuple):
    """A mode, and the reason as the end of a sentence that begins with "because"."""

    mode: Mode
    because: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides beside relay.yaml."""

    one_container: bool
    """Whether the algorithm's model is served by one container; a serverless endpoint takes no pipeline."""
    in_a_vpc: bool = False
    own_key: bool = False
    """Whether the deployment encrypts with a key of its own."""
    live: Mode | None = None
    """How the model in service is served; None where nothing is."""
    recreate: bool = False
    """Whether a live endpoint may be deleted and made anew for another mode."""
    refused: str = ""
    """What AWS said when it refused this account a serverless endpoint not long ago."""


def resolve(asked: str, here: Circumstances) -> Resolved:
    """The mode of a run whose `endpoint.mode` is `asked`: auto, or a mode."""
    if asked in {"realtime", "batch"}:
        return Resolved(Mode(asked), "relay.yaml asks for it")
    if hindrance := _hindrance(asked, here):
        return Resolved(Mode.REALTIME, hindrance)
    return Resolved(Mode.SERVERLESS, "relay.yaml asks for it" if asked == "serverless" else "nothing speaks against it")


def _hindrance(asked: str, here: Circumstances) -> str:
    """Why an endpoint cannot be serverless; empty where it can, as far as that is known."""
    if not here.one_container:
        return "a serverless endpoint has one container, and this algorithm's model is served by three"
    if here.in_a_vpc:
        return "a serverless endpoint cannot stand in the private network that this deployment has"
    if here.own_key:
        return "it is not known that a serverless endpoint keeps everything under this deployment's own key"
    if here.live is Mode.REALTIME and asked == "auto":
        return "the endpoint in service is a real-time one, and stays so until relay.yaml asks for another"
    if here.live is Mode.REALTIME and not here.recreate:
        return (
            "AWS does not let a real-time endpoint become serverless in place; `endpoint: {mode: serverless, "
            "recreate: true}` deletes it and creates it anew, and callers get no answer in between"
        )
    # Who asks for it by name has read why it was refused, and may have done something about it.
    if here.refused and asked == "auto":
        return f"AWS refused this account a serverless endpoint: {here.refused}"
    return ""
