"""A small world for a test, and what boto3 wants in the environment to make its clients."""

from __future__ import annotations

import pytest

from tests.relay.world import World


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


@pytest.fixture
def here() -> World:
    return World()
