"""How AWS spells a status: endpoints' events say IN_SERVICE where the API says InService.

Which spelling an event of a kind has is promised nowhere. So patterns ask for both, and whoever reads one compares
neither. Pure.
"""

from __future__ import annotations

import re


def spellings(*statuses: str) -> list[str]:
    """Each status, given as the API spells it, in both spellings.

    >>> spellings("InService", "Failed")
    ['InService', 'IN_SERVICE', 'Failed', 'FAILED']
    """
    return [form for status in statuses for form in (status, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", status).upper())]


def plain(status: object) -> str:
    """A status in no spelling, to be compared.

    >>> plain("IN_SERVICE") == plain("InService") == "inservice"
    True
    """
    return str(status).replace("_", "").lower()
