"""What the checks of a history leave, as far as the runtime reads it."""

from __future__ import annotations

from typing import Any


def drift(state: str, loss: str, lost: dict[str, float]) -> dict[str, Any]:
    """drift.json; `loss` and what was `lost` are the estimate's."""
    names = ["age"] if state == "drifted" else []
    return {
        "version": 1,
        "state": state,
        "window": {"from": "2026-11-22T12:00:00Z", "to": "2026-11-22T13:00:00Z", "rows": 1200},
        "drifted": names,
        "share_drifted": len(names) / 2,
        "features": [{"name": name, "verdict": "drifted", "score": 0.2, "threshold": 0.05} for name in names],
        "predictions": [],
        "estimate": {"loss": loss, "lost": lost, "metrics": {}, "sentence": "A sentence.", "undefined": None},
        "problems": [],
    }


def quality(state: str, labelled: dict[str, Any] | None, lost: dict[str, float]) -> dict[str, Any]:
    """quality.json without what it says of outcomes; of what is no loss it does not say how much, as of old."""
    found = {"version": 1, "state": state, "coverage": {"unknown": 0}, "problems": [], "labelled": labelled}
    return found if lost["amount"] < lost["allowed"] else found | {"lost": lost}
