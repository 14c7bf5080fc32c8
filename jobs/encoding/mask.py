"""How a cell is written, without what it says: what a sentence shows of a cell that cannot be read.

Sentences of a job stand in mails and logs, and what was typed into the wrong column may be anybody's name. Row and
column lead the owner of the file to the cell; its mask says what to look for. In this package because the endpoint's
own refusals, whose code travels in the model's archive, need it too.
"""

import unicodedata

_LONGEST = 24


def mask(cell: object) -> str:
    """The mask of a cell, quoted: letters are a or A, digits 9, other printable ASCII and currency signs as they are.

    >>> mask("12O"), mask("Zo\u00eb@Example.org"), mask("\u20ac 1.234,5"), mask("x" * 40)
    ('"99A"', '"Aaa@Aaaaaaa.aaa"', '"\u20ac 9.999,9"', '"aaaaaaaaaaaaaaaaaaaaaaaa\u2026"')
    """
    text = str(cell)
    hidden = "".join(_masked(character) for character in text[:_LONGEST])
    return f'"{hidden}\u2026"' if len(text) > _LONGEST else f'"{hidden}"'


def masks(cells: list[object], limit: int = 3) -> str:
    """The different masks of cells in a sentence, the first few of them.

    >>> masks(["ann", "bob", "Zoe7"])
    '"aaa", "Aaa9"'
    """
    different = list(dict.fromkeys(mask(cell) for cell in cells))
    return ", ".join(different[:limit]) + (" and others" if len(different) > limit else "")


def _masked(character: str) -> str:
    if character.isupper():
        return "A"
    if character.isalpha():
        return "a"
    if character.isnumeric():
        return "9"
    kept = (character.isascii() and character.isprintable()) or unicodedata.category(character) == "Sc"
    return character if kept else "?"
