"""The relay's small world over moto, which the cloud in memory is compared with."""

from tests.relay.conftest import here, region

__all__ = ["here", "region"]
