"""What a run was made of, in a few digits, and whether what lies there now is news.

Compared are the data and the settings that make the model what it is, as a person wrote them: an order of lines, a
comment, a default written out, or a setting that a release adds or gives another default, trains nothing. So news is
what was written differently *and* means something else; either alone is none. Gate, endpoint, machines, monitor and
retraining make no model: a change of them waits for the next run, or takes effect at once (docs/settings.md). Only
after a run that failed or was overtaken, every line of relay.yaml counts that may have been the reason.

Release 0.1.0 kept one hash of all settings with its defaults. `upgraded` makes today's form of it, from the settings
that its run has stored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

from chalicelib import names
from chalicelib.algorithms import BUILT_IN, FORMER
from chalicelib.settings.defaults import DEFAULTS, INSTANCES_UNSAID, RANGE, ranges_of

MONITORED = frozenset({"monitoring", "retraining"})
"""Take effect when relay.yaml is uploaded: the monitor reads them."""
WAITING = frozenset({"gate", "endpoint", "instances", "spot"})
"""Take effect with the next run: how a model is made, judged and served, not what it is."""
SPENT = frozenset({"budget", "prices"})
"""Are read whenever something is to be started: a run that waits for a higher budget goes on, and is not begun anew."""
TRAINED = frozenset(DEFAULTS) - MONITORED - WAITING - SPENT
"""Make the model what it is: a change begins a run."""

_OF_ENDPOINT = (
    *("mode", "memory_mb", "max_concurrency", "rollout", "scaling", "recreate"),
    *("idle_days", "expires", "when_idle"),
)
SINCE_0_1_0 = frozenset(
    {
        "na_in_target",
        "decision",
        "budget",
        "prices",
        "monitoring.rollback",
        *(f"endpoint.{name}" for name in _OF_ENDPOINT),
    }
)
"""Settings that release 0.1.0 did not have, dotted."""
SINCE_0_2_0 = frozenset({"decision"})
"""Settings that make the model and that release 0.2.0 did not have. At their default they are not counted: then what
another line means is the same as it was for that release."""
WERE_IN_0_1_0: Mapping[str, Any] = {
    "algorithm": FORMER,
    "tuning.early_stopping": BUILT_IN.of({}).early_stopping,
    "tuning.ranges": ranges_of(BUILT_IN.of({})),
    "monitoring.feature_metrics": True,
    **{f"instances.{work}": INSTANCES_UNSAID[work] for work in ("prepare", "train", "evaluate")},
}
"""What release 0.1.0 had for defaults that are others today, by dotted name; or may be, as they follow from the
algorithm."""

_UNLIKE = object()
_FORM = "2"
Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a run is made of."""

    contents: str
    """The objects, by key and etag: the same file uploaded again is the same."""
    written: str
    """What a person wrote of the settings that make the model."""
    trained: str
    """Those settings with every default."""
    asked: str
    """What a person wrote that matters to a run in any way."""

    def __str__(self) -> str:
        """As a record keeps it."""
        return ":".join((_FORM, *astuple(self)))

    def same_model(self, other: Fingerprint) -> bool:
        """Whether both make the same model of the same data."""
        same_settings = self.written == other.written or self.trained == other.trained
        return self.contents == other.contents and same_settings

    def same_in_all(self, other: Fingerprint) -> bool:
        """Whether both ask for the same, in whatever matters to a run."""
        return self.contents == other.contents and self.asked == other.asked


def parsed(stored: str) -> Fingerprint | None:
    """What `str` made; None for another release's form."""
    form, *parts = stored.split(":")
    return Fingerprint(*parts) if form == _FORM and len(parts) == 4 else None


def of(contents: str, settings: Settings, written: Settings) -> Fingerprint:
    """The fingerprint of these contents under relay.yaml as it was written, and with every default filled in."""
    asked = {name: value for name, value in written.items() if name not in MONITORED | SPENT}
    return Fingerprint(contents, digest(_trained(written)), digest(_trained(settings)), digest(asked))


def digest(value: Any) -> str:
    """Twelve hex digits that stand for a value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:12]


def run_mark(objects: Any, settings: Settings, generation: int, deployment: str) -> str:
    """What a run's id is made of. It is also the form in which release 0.1.0 kept what a run was made of."""
    model = {name: value for name, value in settings.items() if name not in MONITORED | SPENT}
    return names.fingerprint(objects, model, generation, deployment)


def written_in_0_1_0(stored: Settings, written: Settings) -> dict[str, Any]:
    """What a person had written when release 0.1.0 stored these settings, as far as that can be told.

    That is what was not its default; and what they write today, with the value that it had then.
    """
    return _written(stored, written, defaults_of_0_1_0())


def defaults_of_0_1_0() -> dict[str, Any]:
    """Every default of that release."""
    return _as_in_0_1_0(DEFAULTS, WERE_IN_0_1_0)


def as_stored_by_0_1_0(settings: Settings) -> dict[str, Any]:
    """Settings in the shape of that release, for its own form of fingerprint."""
    return _as_in_0_1_0(settings, {})


def _as_in_0_1_0(settings: Settings, defaults: Settings, above: str = "") -> dict[str, Any]:
    found = {}
    for name, value in settings.items():
        path = above + name
        if path not in SINCE_0_1_0:
            section = isinstance(value, dict) and path not in defaults
            found[name] = _as_in_0_1_0(value, defaults, f"{path}.") if section else defaults.get(path, value)
    return found


def _written(stored: Settings, written: Settings, defaults: Settings | None) -> dict[str, Any]:
    found = {}
    for name, value in stored.items():
        default = (defaults or {}).get(name)
        if name == "ranges" and name in written:
            default = dict.fromkeys(value, RANGE)
        known = default if isinstance(default, dict) else None
        if isinstance(value, dict) and isinstance(written.get(name), dict):
            found[name] = _written(value, written[name], known)
        elif name in written:
            found[name] = value
        elif defaults is not None and value != default:
            section = isinstance(value, dict) and known is not None and value.keys() == known.keys()
            found[name] = _written(value, {}, known) if section else value
    return found


def _trained(settings: Settings) -> dict[str, Any]:
    """The settings that make the model, so that what means the same looks the same."""
    later: Settings = {name: default for name, default in DEFAULTS.items() if name in SINCE_0_2_0}
    trained = {
        name: _plain(value) for name, value in settings.items() if name in TRAINED and value != later.get(name, _UNLIKE)
    }
    if "ignore" in trained:
        trained["ignore"] = sorted(set(trained["ignore"]))
    return trained


def _plain(value: Any) -> Any:
    """A whole number is one, with or without a decimal point."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value
