"""How new datasets will be served, said before any is: without a server or in real time, as far as it can be known.

What AWS alone knows (whether its image is small enough, whether the region has serverless endpoints) shows with the
first run; then that run goes live in real time and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chalicelib.requests.serverless import CANDIDATE_CONCURRENCY
from chalicelib.serving_mode import Circumstances, Mode, resolve
from chalicelib.settings.defaults import DEFAULTS
from ops.account import quotas
from ops.account.finding import Finding, note, ok
from ops.target import Clients

SUBJECT = "serving"
QUOTA = "Maximum total concurrency that can be allocated across all serverless endpoints"
NEEDED = DEFAULTS["endpoint"]["max_concurrency"] + CANDIDATE_CONCURRENCY
"""Requests at a time that a live endpoint and a candidate take of the account's total."""
_SAID = "`endpoint: {mode: ...}` in a relay.yaml says otherwise (docs/serving.md)."


def findings(client: Clients, *, in_a_vpc: bool, own_key: bool) -> Iterator[Finding]:
    """How new datasets will be served."""
    here = Circumstances(one_container=True, in_a_vpc=in_a_vpc, own_key=own_key)
    mode, because = resolve("auto", here)
    if mode is not Mode.SERVERLESS:
        yield in_real_time(because)
        return
    yield judge(quotas.limits(client).get(QUOTA))


def judge(limit: float | None) -> Finding:
    """What the account's total concurrency means.

    >>> judge(5).what
    'new datasets will be served in real time, billed by the hour: the account may have 5 serverless requests at a \
time, and a run takes 9'
    """
    if limit is not None and limit < NEEDED:
        return in_real_time(f"the account may have {limit:g} serverless requests at a time, and a run takes {NEEDED}")
    total = "how many the account may have is not known" if limit is None else f"{limit:g} are the account's"
    what = f"new datasets will be served without a server: a run takes {NEEDED} requests at a time, and {total}"
    if limit is None:
        return note(SUBJECT, what, f"Should AWS refuse, a run goes live in real time and says so. {_SAID}")
    return ok(SUBJECT, f"{what}; the first run shows whether AWS takes its image")


def remembered(refusal: str) -> Iterator[Finding]:
    """What AWS said when it refused; nothing where it has not."""
    if refusal:
        yield in_real_time(f"AWS refused this account a serverless endpoint: {refusal}")


def in_real_time(because: str) -> Finding:
    return note(SUBJECT, f"new datasets will be served in real time, billed by the hour: {because}", _SAID)


def private(parameters: Mapping[str, str]) -> dict[str, bool]:
    """What of a stack's parameters decides, as `findings` takes it."""
    return {"in_a_vpc": bool(parameters.get("SubnetIds")), "own_key": bool(parameters.get("KmsKeyArn"))}
