"""What a requirements.txt asks for, held against what this machine has.

On AWS pip installs it when the container starts. Here that would change the user's own environment: so it is looked at,
and what lacks is told with the command that installs it.
"""

from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from local.containers.errors import UserError


def require(code: Path) -> None:
    """Raises UserError for what a folder's requirements.txt asks for and this machine has not."""
    file = code / "requirements.txt"
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    wanted = [line.partition(" #")[0].strip() for line in lines]
    missing = [line for line in wanted if line and not line.startswith(("#", "-")) and not _is_there(line)]
    if missing:
        named = " ".join(f'"{one}"' for one in missing)
        raise UserError(
            f"requirements.txt asks for what this machine has not: {', '.join(missing)}. On AWS the container installs "
            f"it; here nothing is installed by itself: pip install {named}"
        )


def _is_there(line: str) -> bool:
    try:
        asked = Requirement(line)
        if asked.marker is not None and not asked.marker.evaluate():
            return True
        return asked.specifier.contains(metadata.version(asked.name), prereleases=True)
    except (InvalidRequirement, metadata.PackageNotFoundError):
        return False
