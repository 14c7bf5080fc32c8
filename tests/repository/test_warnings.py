"""Warnings are errors in our own code; whether other people's is compiled already must not decide what passes."""

import pytest

INVALID = "pattern = '\\d'\n"


def test_the_compiler_warns_of_our_code_only() -> None:
    compile(INVALID, "/somewhere/lib/python3.12/site-packages/theirs/module.py", "exec")
    with pytest.raises(SyntaxError, match="invalid escape sequence"):
        compile(INVALID, "/somewhere/ours/module.py", "exec")
