"""An app without functions, for what is between a client and the embedded cloud alone."""

from pathlib import Path

_APP = """
from chalice.app import Chalice

app = Chalice(app_name="sagerelay")
"""


def silent_app(root: Path) -> Path:
    """Writes it to an empty folder."""
    (root / "app.py").write_text(_APP)
    for folder in ("chalicelib", "jobs"):
        (root / folder).mkdir()
        (root / folder / "__init__.py").write_text("")
    return root
