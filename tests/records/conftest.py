"""The relay's small world, for records of other releases too."""

from tests.relay.conftest import here

__all__ = ["here"]
