"""What goes on costing money once a model is live, in sentences: its endpoint, its checks and their metrics.

Pure. A sum is said where its price is known (costs/prices.py), with where that is from; else that it is not known.
What is said holds on AWS and says so: the same mail is written on a laptop, where nothing bills.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.costs import spent
from chalicelib.costs.prices import HOURS_A_MONTH, Prices, Use
from chalicelib.costs.spent import Part
from chalicelib.settings import schedules
from chalicelib.settings.stored import Endpoint, InstanceScaling, Settings

MOST_FEATURES = 100
"""Features that get a metric of their own, worst first: each costs its price every month."""
_FIGURES = 2
"""Metrics of a dataset's checks: rows, and the share of drifted features."""
MOST_ESTIMATES = 10
"""Metrics of quality that are estimated without labels, at most; each is one in CloudWatch, too."""
_LOOKS_A_MONTH = 12 * 24 * 31
"""A schedule is looked at every five minutes; what fired since then is one check."""
OWN_METRICS = 6
"""What the functions count of themselves, whatever datasets there are."""


def of_endpoint(known: Prices, instance: str, count: int) -> str:
    """What an endpoint costs as long as it is there.

    >>> of_endpoint(Prices("us-east-1"), "ml.m5.large", 1)
    "about 84 USD a month (1 x ml.m5.large in us-east-1 at 0.115 USD an hour: AWS's price list, 2026-07)"
    >>> of_endpoint(Prices("eu-west-3"), "ml.m5.large", 2)
    '2 x ml.m5.large in eu-west-3, whose price is not known here'
    """
    machines, price = f"{count} x {instance} in {known.region}", known.of(Use.HOSTING, instance)
    if price is None:
        return f"{machines}, whose price is not known here"
    month = usd(price.usd * count * HOURS_A_MONTH)
    return f"about {month} a month ({machines} at {price.usd:g} USD an hour: {price})"


def of_scaled(known: Prices, instance: str, scaling: InstanceScaling) -> str:
    """What an endpoint costs whose instances follow its traffic.

    >>> of_scaled(Prices("us-east-1"), "ml.m5.large", {"min": 1, "max": 3, "invocations_per_minute": 600,
    ...     "scale_in_seconds": 300, "scale_out_seconds": 300})
    "about 84 USD a month (1 x ml.m5.large in us-east-1 at 0.115 USD an hour: AWS's price list, 2026-07) with few \
requests, and up to about 252 USD with more than 600 a minute for each of 3 instances"
    """
    price, most = known.of(Use.HOSTING, instance), scaling["max"]
    at_most = f"about {usd(price.usd * most * HOURS_A_MONTH)}" if price else f"{most} x {instance}"
    return (
        f"{of_endpoint(known, instance, scaling['min'])} with few requests, and up to {at_most} with more than "
        f"{scaling['invocations_per_minute']:,} a minute for each of {most} instances"
    )


def of_hours(known: Prices, endpoint: Endpoint) -> str:
    """What a real-time endpoint with these settings costs."""
    if endpoint["scaling"]:
        return of_scaled(known, endpoint["instance"], endpoint["scaling"])
    return of_endpoint(known, endpoint["instance"], endpoint["count"])


def removal(region: str, endpoint: str) -> str:
    """The one command that ends an endpoint, and what it costs.

    >>> removal("eu-west-1", "sagerelay-dev-churn")
    'aws sagemaker delete-endpoint --region eu-west-1 --endpoint-name sagerelay-dev-churn'
    """
    return f"aws sagemaker delete-endpoint --region {region} --endpoint-name {endpoint}"


def of_checks(known: Prices, monitoring: Mapping[str, Any]) -> str:
    """What the checks of a live model cost; empty where it is not monitored.

    >>> of_checks(Prices("eu-west-1"), {"schedule": "daily", "instance": "ml.m5.xlarge"})
    "checks (daily, where there was traffic: up to 31 a month) are processing jobs on 1 x ml.m5.xlarge, up to 0.13 USD \
a month for each minute that one takes (0.257 USD an hour: AWS's own bill, 2023-12)"
    """
    if not monitoring.get("enabled", True):
        return ""
    instance, month = monitoring["instance"], checks_a_month(monitoring["schedule"])
    price = known.of(Use.PROCESSING, instance)
    cost = "whose price is not known here"
    if price is not None:
        cost = f"up to {usd(price.usd / 60 * month)} a month for each minute that one takes "
        cost += f"({price.usd:g} USD an hour: {price})"
    how_often = f"{monitoring['schedule']}, where there was traffic: up to {month:,} a month"
    return f"checks ({how_often}) are processing jobs on 1 x {instance}, {cost}"


def checks_a_month(schedule: str) -> int:
    """The most checks that a schedule begins in a month: one a firing, and one at most each time it is looked at.

    >>> [checks_a_month(one) for one in ("hourly", "daily", "weekly", "cron(0 3 ? * MON-FRI *)", "rate(5 minutes)")]
    [744, 31, 5, 23, 8928]
    """
    return min(schedules.most_in_a_month(schedule), _LOOKS_A_MONTH)


def metrics(monitoring: Mapping[str, Any]) -> int:
    """The most custom metrics that the checks of one dataset keep in CloudWatch.

    >>> metrics({"feature_metrics": True}), metrics({"feature_metrics": False}), metrics({"enabled": False})
    (112, 12, 0)
    """
    if not monitoring.get("enabled", True):
        return 0
    return _FIGURES + MOST_ESTIMATES + (MOST_FEATURES if monitoring.get("feature_metrics") else 0)


def of_metrics(known: Prices, count: int) -> str:
    """What so many custom metrics cost at most.

    >>> of_metrics(Prices("us-east-1"), 112)
    "up to 112 custom metrics in CloudWatch, up to 34 USD a month (0.30 USD each: AWS's price list, 2026-07)"
    >>> of_metrics(Prices("eu-west-1"), 7)
    'up to 7 custom metrics in CloudWatch, whose price is not known here'
    """
    price = known.of(Use.METRIC)
    told = f"up to {count} custom metrics in CloudWatch"
    if price is None:
        return f"{told}, whose price is not known here"
    return f"{told}, up to {usd(price.usd * count)} a month ({price.usd:.2f} USD each: {price})"


def usd(amount: float) -> str:
    """A sum in dollars, in as many digits as mean something.

    >>> [usd(amount) for amount in (1234.5, 83.95, 2.1, 0.00428, 0, 0.00003)]
    ['1,234 USD', '84 USD', '2.1 USD', '0.0043 USD', '0 USD', 'below 0.0001 USD']
    """
    if 0 < amount < 0.0001:
        return "below 0.0001 USD"
    return f"{amount:,.0f} USD" if amount >= 10 else f"{amount:.2g} USD"


def going_on(known: Prices, endpoint: str, settings: Settings) -> str:
    """A promotion's paragraph: what bills from now on, and how it is ended. `settings`: relay.yaml's, all filled in."""
    cost = of_hours(known, settings["endpoint"])
    told = f"On AWS this endpoint bills by the hour from now on, used or not: {cost}. To end it:"
    lines = [told, f"  {removal(known.region, endpoint)}"]
    return "\n".join([*lines, *monitoring_goes_on(known, settings)])


def monitoring_goes_on(known: Prices, settings: Settings) -> list[str]:
    """What the checks of a live model cost, and how they are ended; nothing where there are none."""
    monitoring = settings["monitoring"]
    checks = of_checks(known, monitoring)
    if not checks:
        return []
    kept = of_metrics(known, metrics(monitoring))
    return [f"Its {checks}, and keep {kept}. `monitoring: {{enabled: false}}` in relay.yaml ends both."]


def of_run(parts: Sequence[Part]) -> str:
    """What a run has cost, as one paragraph; empty where it had nothing billed.

    >>> from chalicelib.costs.prices import Price
    >>> part = Part("train", Use.TRAINING, "ml.m5.large", 1, 60, Price(0.12, "a list", "2026-11"))
    >>> of_run([part])
    'On AWS this run costs about 0.002 USD: train 0.002. Billed by the second; prices: a list, 2026-11.'
    >>> of_run([part, Part("evaluate", Use.PROCESSING, "ml.x1", 1, 9, None)]).partition(" Billed")[0]
    'What this run costs on AWS is not known as a whole: train 0.002 USD, evaluate not known (1 x ml.x1).'
    """
    if not parts:
        return ""
    sources = "; ".join(dict.fromkeys(str(one.price) for one in parts if one.price))
    whole = spent.total(parts)
    if whole is None:
        each = ", ".join(f"{one.what} {_told(one)}" for one in parts)
        told = f"What this run costs on AWS is not known as a whole: {each}."
    else:
        each = ", ".join(f"{one.what} {_told(one).removesuffix(' USD')}" for one in parts)
        told = f"On AWS this run costs about {usd(whole)}: {each}."
    return f"{told} Billed by the second; prices: {sources}." if sources else told


def _told(part: Part) -> str:
    return f"not known ({part.count} x {part.instance})" if part.usd is None else usd(part.usd)
