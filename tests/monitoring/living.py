"""A monitored model in the small world, and what its checks leave."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from tests.relay.builders import DEPLOYMENT
from tests.relay.world import World, drop

Deliver = Callable[[dict[str, Any]], None]


def asked() -> dict[str, Any]:
    """Somebody asks for a check."""
    detail = {"dataset": "churn", "kind": "drift"}
    return {"id": uuid.uuid4().hex, "detail-type": "Check Requested", "source": "sagerelay", "detail": detail}


CONTEXT = {"version": 1, "model_artifact": f"s3://{DEPLOYMENT.bucket}/model.tar.gz", "endpoint": "candidate"}


def drift(state: str, *names: str) -> dict[str, Any]:
    return {
        "version": 1,
        "state": state,
        "window": {"from": "2026-11-22T12:00:00Z", "to": "2026-11-22T13:00:00Z", "rows": 1200},
        "drifted": list(names),
        "share_drifted": len(names) / 2,
        "features": [{"name": name, "verdict": "drifted", "score": 0.2, "threshold": 0.05} for name in names],
        "predictions": [],
        "estimate": {"loss": "none", "metrics": {}, "sentence": "No loss.", "undefined": None},
        "problems": [],
    }


def live(here: World, settings: str = "", deliver: Deliver | None = None) -> str:
    """A dataset with a model in service."""
    here.put("relay.yaml", settings.encode())
    run = drop(here)
    here.relay(run, deliver or here.runtime.receive)
    return run


def kinds(here: World) -> list[str]:
    return [mail["kind"] for mail in here.mails()]
