"""The relay's small world, for the monitor too."""

from tests.relay.conftest import here

__all__ = ["here"]
