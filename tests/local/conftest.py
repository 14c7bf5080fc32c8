"""A front door for each test: moto behind it forgets everything in between."""

from collections.abc import Iterator

import pytest

from tests.local.front_door import Door


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.server.stop()
    door.front.close()
