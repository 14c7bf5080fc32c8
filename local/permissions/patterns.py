"""IAM's wildcards: `*` for any characters, `?` for one; and ARNs, whose first five parts are compared one by one."""

import functools
import re

from local.permissions.errors import PolicyError

_PARTS = 5
"""Of an ARN before the resource itself, which may hold colons: partition, service, region, account, and `arn`."""


@functools.cache
def wildcard(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """A compiled pattern, to be used with fullmatch. Raises PolicyError for a policy variable."""
    if "${" in pattern:
        raise PolicyError(f"the policy variable in {pattern!r} is not supported here")
    text = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def like(pattern: str, value: str) -> bool:
    """Whether a text is like a pattern.

    >>> like("sagerelay:*", "sagerelay:run"), like("a?c", "abbc"), like("a.c", "abc")
    (True, False, False)
    """
    return wildcard(pattern).fullmatch(value) is not None


def arn_like(pattern: str, arn: str) -> bool:
    """Whether an ARN is like a pattern. A wildcard stays within its part, as AWS has it for all but the last.

    >>> arn_like("arn:aws:s3:::bucket/a/*", "arn:aws:s3:::bucket/a/b/c:d")
    True
    >>> arn_like("arn:*:role/x", "arn:aws:iam::123456789012:role/x")
    False
    >>> arn_like("*", "arn:aws:iam::123456789012:role/x")
    True
    """
    if pattern == "*":
        return True
    wanted, given = pattern.split(":", _PARTS), arn.split(":", _PARTS)
    if len(wanted) != len(given):
        return False
    return all(like(one, other) for one, other in zip(wanted, given, strict=True))
