"""Files are cut at line ends only, and every line finds back to its file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.capture import blocks
from jobs.capture.blocks import cut

texts = st.lists(st.sampled_from([b"a", b"bb", b"\n", b"\n\n", b"cccc"]), max_size=12).map(b"".join)


@given(st.lists(texts, max_size=5), st.integers(1, 12), st.integers(1, 4))
def test_every_line_comes_back_with_its_number(files: list[bytes], size: int, step: int) -> None:
    def parts() -> Iterator[tuple[str, bytes]]:
        for number, data in enumerate(files):
            for start in range(0, max(len(data), 1), step):
                yield f"f{number}", data[start : start + step]

    found = []
    for block in cut(parts(), size):
        lines = block.data.split(b"\n")
        assert lines.pop() == b""
        found += [((place := block.place(number)).file, place.line, line) for number, line in enumerate(lines)]
    wanted = [
        (f"f{number}", count, line)
        for number, data in enumerate(files)
        for count, line in enumerate((data + b"\n" if data and not data.endswith(b"\n") else data).split(b"\n")[:-1], 1)
    ]
    assert found == wanted


def test_a_block_is_not_much_larger_than_asked_for() -> None:
    parts = ((f"f{number}", b"x" * 99 + b"\n") for number in range(1000))
    sizes = [len(block.data) for block in cut(parts, 1000)]
    assert sizes == [1000] * 100


def test_a_file_without_line_ends_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LONGEST_LINE", 1000)
    endless = (("f", b"x" * 100) for _ in range(80))
    [block] = list(cut(endless, 1000))
    assert len(block.data) == 1001
