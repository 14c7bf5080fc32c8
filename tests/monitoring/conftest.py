"""The relay's small world, for the monitor too."""

from tests.relay.conftest import here, region

__all__ = ["here", "region"]
