"""Who may call an address of this machine: its programs, and no web page in the user's browser.

Every address the embedded cloud opens trusts every caller, and a page from elsewhere reaches loopback addresses, too:
by a script of its own, or under a name of its own that leads here by DNS. Pure: headers in, a verdict out.
"""

from collections.abc import Callable

REFUSAL = b"This address answers programs of this machine only.\n"
"""The body of the 403."""
_OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")


def is_foreign(header: Callable[[str], str | None]) -> bool:
    """Whether a request was sent on behalf of a page from elsewhere; `header` gives a header's value by its name.

    AWS's clients send neither of these headers; a person who follows a link to a report sends no Origin.

    >>> is_foreign({"Host": "127.0.0.1:8000"}.get), is_foreign({"Host": "evil.example"}.get)
    (False, True)
    """
    host = (header("Host") or "127.0.0.1").lower().rpartition("@")[2]
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    elsewhere = header("Sec-Fetch-Site") in ("cross-site", "same-site")
    by_script = elsewhere and header("Sec-Fetch-Mode") != "navigate"
    return bool(header("Origin")) or by_script or not (name in _OWN_NAMES or name.endswith(".localhost"))
