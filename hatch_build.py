"""What building the package adds to pyproject.toml: the extras, from the requirements files that `make` installs.

A pin so stands in one place. Only hatchling reads this, when it makes a wheel or an sdist.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

EXTRAS = {"laptop": "requirements-local.txt", "aws": "requirements-deploy.txt"}


class Extras(MetadataHookInterface):
    """Hatchling finds it by what it is derived from."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set what pyproject.toml calls dynamic."""
        root = Path(self.root)
        metadata["optional-dependencies"] = {extra: asked_for(root / file) for extra, file in EXTRAS.items()}


def asked_for(file: Path) -> list[str]:
    """The requirements of a file and of those that it includes, each once."""
    found: list[str] = []
    for raw in file.read_text(encoding="utf-8").splitlines():
        line = raw.partition(" #")[0].strip()
        if line.startswith("-r "):
            found += asked_for(file.parent / line[3:].strip())
        elif line and not line.startswith("#"):
            found.append(line)
    return list(dict.fromkeys(found))
