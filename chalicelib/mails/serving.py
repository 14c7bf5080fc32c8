"""How a model is served, and what that costs, in the sentences of a promotion's mail. Pure."""

from __future__ import annotations

from chalicelib.costs.crossing import SECONDS, a_request
from chalicelib.costs.prices import HOURS_A_MONTH, Prices, Use
from chalicelib.mails import bills
from chalicelib.mails.bills import usd
from chalicelib.names import Step
from chalicelib.records.run import Run
from chalicelib.requests import serverless
from chalicelib.serving_mode import Mode


def going_on(known: Prices, endpoint: str, run: Run) -> str:
    """A promotion's paragraphs: how the model is served, what bills from now on, and how it is ended."""
    chosen = run.settings["endpoint"]
    if run.mode is not Mode.SERVERLESS:
        told = bills.going_on(known, endpoint, run.settings)
        return f"{_why(run)} {told}" if _why(run) else told
    memory = serverless.config(run, Step.LIVE)["MemorySizeInMB"]
    how = (
        "The endpoint is serverless: on AWS it costs nothing while nobody asks, and the first request after some idle "
        f"minutes waits some seconds. It bills by request from now on: {of_requests(known, memory)}"
        f"{_of_capture(known, chosen['capture_percentage'])}."
    )
    lines = [
        how,
        _instead(known, memory, chosen["instance"]),
        "To end it:",
        f"  {bills.removal(known.region, endpoint)}",
        *bills.monitoring_goes_on(known, run.settings),
    ]
    return "\n".join(lines)


def of_requests(known: Prices, memory_mb: int) -> str:
    """What requests of a serverless endpoint cost.

    >>> of_requests(Prices("us-east-1"), 2048)
    "about 0.008 USD for 1,000 requests of 0.2 s (2,048 MB in us-east-1 at 0.00002 USD a second and GB of memory: \
AWS's price list, 2026-09)"
    >>> of_requests(Prices("eu-west-3"), 2048)
    '2,048 MB in eu-west-3, whose price is not known here'
    """
    price, memory = known.of(Use.SERVERLESS), f"{memory_mb:,} MB in {known.region}"
    if price is None:
        return f"{memory}, whose price is not known here"
    thousand = a_request(price.usd, memory_mb) * 1000
    return f"about {usd(thousand)} for 1,000 requests of {SECONDS:g} s ({memory} at {price.usd:f}".rstrip("0") + (
        f" USD a {Use.SERVERLESS.unit}: {price})"
    )


def break_even(known: Prices, memory_mb: int, instance: str) -> int | None:
    """The requests a month from which one instance is cheaper; None where a price is not known.

    >>> break_even(Prices("us-east-1"), 2048, "ml.m5.large")
    10493750
    """
    by_request, by_hour = known.of(Use.SERVERLESS), known.of(Use.HOSTING, instance)
    if by_request is None or by_hour is None:
        return None
    return round(by_hour.usd * HOURS_A_MONTH / a_request(by_request.usd, memory_mb))


def _instead(known: Prices, memory_mb: int, instance: str) -> str:
    told = f"In real time (`endpoint: {{mode: realtime}}`) it would cost {bills.of_endpoint(known, instance, 1)}"
    requests = break_even(known, memory_mb, instance)
    return f"{told}{'' if requests is None else f', as much as {requests / 1e6:.1f} million such requests'}."


def _of_capture(known: Prices, percentage: int) -> str:
    price = known.of(Use.PUT)
    if not percentage or price is None:
        return ""
    return f", and {usd(price.usd * 10 * percentage)} for 1,000 that are captured, a file each ({price})"


def _why(run: Run) -> str:
    """Why a model is served in real time, where somebody may have expected another mode."""
    asked = run.settings["endpoint"]["mode"]
    surprises = asked == "serverless" or (asked == "auto" and (run.live is None or run.serverless_refused))
    if run.mode is not Mode.REALTIME or not surprises or not run.mode_because:
        return ""
    return f"The endpoint is a real-time one, because {run.mode_because.rstrip('.')}."
