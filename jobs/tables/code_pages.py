"""Which code page bytes were written in, where they tell; None where they leave a doubt.

Two questions, asked of the words that hold bytes above ASCII. Where such bytes stand beside each other, the script is
not Latin, and charset-normalizer tells Japanese, Chinese, Korean, Cyrillic and the like apart by what is usual in those
languages. Where they stand alone between ASCII letters, the script is Latin, which that library cannot tell apart in a
few words; but a wrong code page shows itself by signs in the middle of words: Bia³ystok, Stra§e, cafŽ.
"""

from __future__ import annotations

import re

WESTERN = "cp1252"
_LATIN = (WESTERN, "cp1250", "iso8859_2", "mac_roman", "cp850", "cp437")
_OTHERS = [
    "cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1251", "koi8_r", "cp866", "cp1253", "cp1255", "cp1256",
]  # fmt: skip
_WIDE = ("cp932", "euc_jp", "gb18030", "big5", "cp949")
_SAMPLE = 1 << 16
_SIDE_BY_SIDE = 0.5
_ODD_WORDS = 0.01
_SURE_CHAOS, _SURE_COHERENCE = 0.05, 0.1
_ABOVE_ASCII = 0.45
_ABOVE, _ABOVES = re.compile(rb"[\x80-\xff]"), re.compile(rb"[\x80-\xff]+")
_CELL = re.compile(rb"[,;\t\"\n]")
_WORD = re.compile(rb"[A-Za-z\x80-\xff'-]*[\x80-\xff][A-Za-z\x80-\xff'-]*")
_TELLING = (
    ("cp932", "cp932", re.compile("[ぁ-ヿ]"), 0.2),
    ("euc_jp", "euc_jp", re.compile("[ぁ-ヿ]"), 0.2),
    ("cp949", "euc_kr", re.compile("[가-힣]"), 0.98),
)
"""Syllables that only one language has: the code page, a stricter one to look with, and the share that tells."""
_FEW_SIGNS, _FEW_WORDS = 6, 3
_LETTER = r"[^\W\d_]"
_LOWER, _UPPER = "a-zà-öø-ÿœšžąćęłńśźżčďěňřťůőűășțğışß", "À-ÖØ-ÞŒŠŽŸĄĆĘŁŃŚŹŻČĎĚŇŘŤŮŐŰĂȘȚĞİŞ"
_ODD = re.compile(
    rf"(?<={_LETTER})[¿¡‚„«‹ƒˆ˜]|(?<={_LETTER})[²³¹°ºª»›™®¤§¨¬¯±´¶¸¼½¾×÷†‡‰•¢£¥€¦“”](?={_LETTER})|[£¥€¤¨¯´¸¬±¶÷×†‡‰•˜¦](?={_LETTER})"
    rf"|(?<=[{_LOWER}])[{_UPPER}]|(?<=[A-Z{_UPPER}])[{_UPPER}](?=[{_LOWER}])"
    rf"|(?<={_LETTER})[\u0391-\u03c9\u2200-\u23ff\u2500-\u25ff]|[\u0391-\u03c9\u2200-\u23ff\u2500-\u25ff](?={_LETTER})"
    r"|[\x80-\x9f\ufffd\uf000-\uf8ff]"
)


def code_page(data: bytes) -> str | None:
    """Python's name of the code page of text that is not UTF-8, or None where several come into question.

    >>> code_page("Stra\u00dfe,M\u00fcnchen,caf\u00e9".encode("mac_roman"))
    'mac_roman'
    """
    sample = _lines_with_more_than_ascii(data)
    words = _WORD.findall(sample)
    above = sum(len(run) for word in words for run in _ABOVES.findall(word))
    beside = sum(len(run) for word in words for run in _ABOVES.findall(word) if len(run) > 1)
    if beside >= _SIDE_BY_SIDE * above and above >= _ABOVE_ASCII * sum(map(len, words)):
        return _other(sample)
    plausible = _latin(list(dict.fromkeys(words)))
    if plausible is not None:
        return plausible or None
    found = _other(sample)  # the second byte of a Chinese or Japanese sign may be ASCII
    return found if found in _WIDE else None


def _lines_with_more_than_ascii(data: bytes) -> bytes:
    found, size, start = [], 0, 0
    while size < _SAMPLE and (above := _ABOVE.search(data, start)):
        begin, end = data.rfind(b"\n", 0, above.start()) + 1, data.find(b"\n", above.start())
        start = len(data) if end < 0 else end
        found.append(data[begin : min(start, begin + _SAMPLE)])
        size += len(found[-1])
    return b"\n".join(found)


def _latin(words: list[bytes]) -> str | None:
    """A code page of Latin letters; "" where several come into question, None where none does."""
    plausible = [name for name in _LATIN if _odd(words, name) <= _ODD_WORDS]
    if WESTERN in plausible:
        return _western(b" ".join(words).decode(WESTERN, "replace"))
    texts = {b" ".join(words).decode(name, "replace") for name in plausible}
    if not plausible:
        return None
    return plausible[0] if len(texts) == 1 and len(words) >= _FEW_WORDS else ""


def _western(text: str) -> str:
    """Windows-1252, or a neighbour whose letters are letters there too, in a company that no Western language keeps:
    the ø of Norwegian beside ì, ù or š without æ and å; õ beside á without ã and ä; several of þ, ý and ð alone."""
    letters = set(text.lower())
    czech = "ø" in letters and letters & set("ìùèòïšž") and not letters & set("æå")
    hungarian = letters & set("õû") and letters & set("áéíóú") and not letters & set("ãäâêèà")
    if czech or hungarian:
        return "cp1250"
    return "cp1254" if len(letters & set("þýð")) > 1 and not letters & set("áéíóúæ") else WESTERN


def _odd(words: list[bytes], name: str) -> float:
    """The share of words that hold what no word of a Latin script holds, if they were written in this code page."""
    return sum(1 for word in words if _ODD.search(word.decode(name, "replace"))) / max(1, len(words))


def _other(sample: bytes) -> str | None:
    cells = b"\n".join(cell for cell in _CELL.split(sample) if _ABOVE.search(cell))  # digits would hide what is odd
    for name, strict, signs, least in _TELLING:
        if _share(cells, strict, signs) >= least:
            return name
    from charset_normalizer import from_bytes  # here: most files are UTF-8

    found = list(from_bytes(cells, cp_isolation=_OTHERS, preemptive_behaviour=False, enable_fallback=False))
    if not found:
        return None
    best = min(found, key=lambda match: (match.chaos, -match.coherence))
    for match in found:
        less = match.chaos >= best.chaos + _SURE_CHAOS or match.coherence <= best.coherence - _SURE_COHERENCE
        if match is not best and not less and str(match) != str(best):
            return None
    try:
        sample.decode(best.encoding)
    except UnicodeDecodeError:
        return None
    return best.encoding


def _share(cells: bytes, name: str, signs: re.Pattern[str]) -> float:
    """The share of what is more than ASCII that these signs are; 0 where the bytes are no text of this code page, or
    where there are too few different ones to say."""
    try:
        text = cells.decode(name)
    except UnicodeDecodeError:
        return 0.0
    above = [sign for sign in text if not sign.isascii()]
    if len(set(above)) < _FEW_SIGNS:
        return 0.0
    return sum(1 for sign in above if signs.match(sign)) / len(above)
