"""`python -m jobs.metrics.contract`: what Lambda must know of the metrics, as chalicelib/contract/catalogue.py.

Lambda may not import what runs in a container. So the part of the catalogue that settings are checked against, and that
mails fall back on where a document of an earlier release tells none, is written out as a module of its own by
`make contract`; tests/metrics/test_contract.py holds the two equal.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from jobs.metrics.catalogue import CATALOGUE, Entry

_HEAD = '''"""Generated from jobs/metrics/catalogue.py by `make contract`: change that, not this."""

from collections.abc import Mapping

FACTS: tuple[tuple[str, str, tuple[str, ...], str, str, Mapping[str, int]], ...] = (
'''
_TAIL = ''')
"""Name, title, tasks, the better direction, how it is printed, and by task its place among those that come first."""
'''


def module(entries: Iterable[Entry]) -> str:
    """The module's text: a line for each metric that documents name."""
    return _HEAD + "".join(f"    {_fact(entry)},\n" for entry in entries if entry.published) + _TAIL


def _fact(entry: Entry) -> str:
    fields = (entry.name, entry.title, entry.tasks, entry.direction, entry.format, dict(entry.headline))
    return repr(fields).replace("'", '"')


if __name__ == "__main__":
    sys.stdout.write(module(CATALOGUE.entries))
