"""The README's picture of the relay is the table the code runs."""

from __future__ import annotations

from ops import diagram


def test_the_readme_shows_the_relay_that_runs() -> None:
    assert diagram.in_readme(diagram.README.read_text()) == diagram.block(), "run `python -m ops.diagram`"
