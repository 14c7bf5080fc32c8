"""A command's help in words: what a person has to type, and not Python's types in brackets."""

from __future__ import annotations

from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperOption

_WORDS = {"bool": "", "str": "TEXT", "int": "NUMBER", "int range": "NUMBER", "float": "NUMBER", "float range": "NUMBER"}


class PlainCommand(TyperCommand):
    """A command whose help names its parameters so."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        for parameter in self.get_params(ctx):
            _name(parameter, ctx)
        super().format_help(ctx, formatter)


def word(kind: str) -> str:
    """What stands beside an option of this type; nothing beside one that takes no value.

    >>> word("<str>"), word("<bool>"), word("<list[str]>"), word("<shifted|missing>"), word("<path>")
    ('TEXT', '', 'TEXT', 'NAME', 'PATH')
    """
    plain = _plain(kind)
    return _WORDS.get(plain, "NAME" if "|" in plain else plain.upper())


def _plain(kind: str) -> str:
    return kind.strip("<>").removeprefix("list[").removesuffix("]")


def _name(parameter: Any, ctx: Any) -> None:
    if isinstance(parameter, TyperOption) and parameter.metavar is None:
        kind = parameter.display_type(ctx)
        parameter.metavar = word(kind)
        if "|" in kind:  # in the narrow column of the types they would be cut in two
            parameter.help = f"{parameter.help} One of: {', '.join(_plain(kind).split('|'))}."
    elif isinstance(parameter, TyperArgument):
        parameter.metavar = parameter.metavar or str(parameter.name).upper()
        parameter.display_type = lambda ctx: ""  # type: ignore[method-assign] # noqa: ARG005
