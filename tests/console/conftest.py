"""A small world for a test."""

from __future__ import annotations

import pytest

from tests.relay.world import World


@pytest.fixture
def here() -> World:
    return World()
