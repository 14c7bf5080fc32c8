"""Bytes that are not Windows-1252 are never read as it: recognised, with a warning that names it, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.settings.dataset import File
from jobs.refusals import Refusal
from jobs.tables.code_pages import code_page
from tests.prepare import tables
from tests.prepare.tables import column, text

WORDS = {
    "cp932": ["東京 大阪 名古屋", "クレジット 現金 ひらがな"],
    "euc_jp": ["東京 大阪 名古屋", "クレジット 現金 ひらがな"],
    "gb18030": ["北京 上海 广州", "男 女 已婚 未婚 信用卡"],
    "big5": ["台北 高雄 台中", "男 女 已婚 未婚 信用卡"],
    "cp949": ["서울 부산 대구", "남자 여자 신용카드"],
    "cp1251": ["Москва Казань Сочи", "Нижний_Новгород Саратов Ярославль"],
    "koi8_r": ["Москва Казань Сочи", "Москва Саратов Ярославль"],
    "cp866": ["Москва Казань Сочи", "Мужской Женский Карта"],
    "cp1253": ["Αθήνα Θεσσαλονίκη Πάτρα"],
    "cp1254": ["İstanbul İzmir Diyarbakır Şişli"],
    "cp1255": ["חיפה ירושלים נצרת"],
    "cp1256": ["القاهرة الرياض دبي"],
    "cp1250": ["Łódź Kraków Gdańsk", "Wrocław Białystok Częstochowa", "Plzeň Brno Králové příjem",
               "Győr Szeged nő férfi"],
    "iso8859_2": ["Wrocław mężczyzna płatność przelew"],
    "mac_roman": ["café Zürich Málaga", "große Straße München", "été élève garçon français"],
    "cp850": ["café Zürich Málaga", "große Straße München", "été élève garçon français"],
    "cp1252": [
        "café thé", "Zürich Genève Bern", "große Straße München Köln", "été élève garçon français très cœur",
        "São Maranhão não",
        "Málaga Córdoba ¿sí?", "10€ – “good” naïve l’eau", "Malmö Göteborg Ærø Tromsø", "m² 5° ½",
        "Þór Reykjavík Ísafjörður",
        "Tõnu Pärnu Võru", "Žižkov Škoda", "ÉCOLE ÎLE", "Ærøskøbing blåbær", "città più perché", "1º 2ª España",
    ],
}  # fmt: skip


def rows(words: str) -> str:
    kept = words.split()
    return text(column(1, lambda _, i: kept[i % len(kept)], 120))


@pytest.mark.parametrize(("encoding", "words"), [(name, words) for name, all_of in WORDS.items() for words in all_of])
def test_the_encoding_is_recognised_and_named_or_refused(encoding: str, words: str, tmp_path: Path) -> None:
    content = rows(words)
    judged = tables.judged(tmp_path, {"a.csv": content.encode(encoding)})
    assert set(judged.columns[1].facts["categories"]) == set(words.split())
    told = [warning for warning in judged.notes.warnings if warning.code == "encoding-guessed"]
    assert len(told) == 1
    assert told[0].row == 2 + next(i for i, word in enumerate(words.split()) if not word.isascii())
    assert judged.table.files[0].facts["encoding"] == encoding


@pytest.mark.parametrize("encoding", [name for name in WORDS if name not in {"cp1252", "cp1254"}])
def test_a_few_words_are_recognised_rightly_or_not_at_all(encoding: str) -> None:
    for words in WORDS[encoding]:
        for count in range(1, len(words.split()) + 1):
            content = f"a,b\n{','.join(words.split()[:count])}\n"
            found = code_page(content.encode(encoding))
            if found not in {None, "cp1250", "cp1252"}:
                assert content.encode(encoding).decode(found) == content


@pytest.mark.parametrize("encoding", ["cp932", "gb18030", "cp1251", "cp1250", "mac_roman", "koi8_r"])
def test_the_encoding_set_decides(encoding: str, tmp_path: Path) -> None:
    words = WORDS[encoding][0]
    content = rows(words).encode(encoding)
    judged = tables.judged(tmp_path, {"a.csv": content}, target="churned", file={"encoding": encoding})
    assert set(judged.columns[1].facts["categories"]) == set(words.split())
    assert not judged.notes.warnings


@pytest.mark.parametrize("encoding", ["idna", "punycode", "undefined", "hex", "rot13", "nonsense-8", "zip"])
def test_what_is_no_encoding_of_text_is_refused_by_the_settings_and_by_the_job(encoding: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="undecodable"):
        tables.judged(tmp_path, {"a.csv": rows("é è").encode("latin-1")}, file={"encoding": encoding})
    if encoding not in {"idna", "punycode"}:
        with pytest.raises(ValueError, match="no text encoding"):
            File(encoding=encoding)
    assert File(encoding="CP1250").encoding == "CP1250"


def test_a_word_in_another_encoding_far_below_is_refused(tmp_path: Path) -> None:
    content = rows("café thé").encode("cp1252") + b"30,\x81\x8d,1.5,no\n"
    with pytest.raises(Refusal, match="undecodable"):
        tables.judged(tmp_path, {"a.csv": content})
