"""How bad a history's day is: how often which misfortune strikes. Drawn from the seed, from calm to hurricane."""

from __future__ import annotations

from dataclasses import dataclass, fields

from tests.simulation.chance import Chance

HOUR = 3600.0


@dataclass(frozen=True)
class Weather:
    """Likelihoods for a call, an event or a job, and seconds. After the storm every misfortune is over."""

    storm: float
    """How long it lasts, in seconds."""
    crash: float
    """A call at which the Lambda dies, before or after it."""
    throttle: float
    """A call that is throttled, or fails inside AWS, with no effect, whatever the client library tried."""
    repeat: float
    """A call whose answer is lost and which the client library makes once more: it has its effect twice."""
    silence: float
    """A call that takes effect and whose answer never comes: it fails in a function that lives on."""
    freeze: float
    """A call at which the Lambda stands still, up to more than it may run."""
    quota: float
    """Half hours in which SageMaker's quota for an operation is used up."""
    shut: float
    """Operations for which SageMaker's quota is used up for long: for hours, or for longer than a run waits."""
    lost: float
    """SageMaker's events, which are best effort."""
    twice: float
    late: float
    """Events that come so late that much has happened since."""
    failing: float
    """Jobs and endpoint changes that fail, for all kinds of reasons."""
    alarming: float
    """Models that serve so badly when they take over that an alarm rings, or rings when nobody watches any more."""
    stale: float
    """Things in SageMaker that are seen only some seconds after they were made or changed."""
    serviced: float
    """Endpoints that AWS itself brings up to date, and that take no change in the meantime."""
    unfit: float
    """Earlier tunings that SageMaker takes for no parent, whatever its documented restrictions say."""
    unserved: float
    """Accounts that AWS refuses a serverless endpoint, one way or another, as long as they are there."""
    latency: float
    """The usual length of a call, which decides how much Lambdas overlap."""
    lag: float
    """How far indexes are behind, at most."""
    skew: float
    """How wrong a Lambda's clock is, at most."""


_CHOICES: dict[str, tuple[float, ...]] = {
    "storm": (1 * HOUR, 2 * HOUR, 3 * HOUR),
    "crash": (0.0, 0.003, 0.02, 0.06),
    "throttle": (0.0, 0.003, 0.02, 0.06),
    "repeat": (0.0, 0.0, 0.01, 0.04),
    "silence": (0.0, 0.0, 0.01, 0.03),
    "freeze": (0.0, 0.004, 0.02),
    "quota": (0.0, 0.0, 0.1, 0.4),
    "shut": (0.0, 0.0, 0.0, 0.0, 0.06),
    "lost": (0.0, 0.1, 0.5, 1.0),
    "twice": (0.0, 0.1, 0.9),
    "late": (0.0, 0.1, 0.5),
    "failing": (0.0, 0.0, 0.05, 0.3),
    "alarming": (0.0, 0.3, 0.9),
    "stale": (0.0, 0.0, 0.1, 0.5),
    "serviced": (0.0, 0.0, 0.2),
    "unfit": (0.0, 0.0, 0.3, 1.0),
    "unserved": (0.0, 0.0, 1.0),
    "latency": (0.02, 0.3, 2.0, 8.0),
    "lag": (0.0, 1.0, 90.0),
    "skew": (0.0, 1.0, 20.0),
}


def drawn(chance: Chance) -> Weather:
    """The weather of a seed."""
    return Weather(
        **{field.name: chance.pick(_CHOICES[field.name], f"weather {field.name}") for field in fields(Weather)}
    )
