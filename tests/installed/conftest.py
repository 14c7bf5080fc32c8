"""The wheel is built and installed once."""

from pathlib import Path

import pytest

from tests.installed.wheels import Installed, build, install


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    site = tmp_path_factory.mktemp("installed") / "site"
    install(wheel, site)
    return Installed(site)
