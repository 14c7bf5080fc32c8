"""The relay's small world, for records of other releases too."""

from tests.relay.conftest import here, region

__all__ = ["here", "region"]
