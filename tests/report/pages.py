"""A page as a browser without network reads it, and what must hold of each of them."""

import re
from html.parser import HTMLParser

EVIL = """<script>alert("1")</script><img src=x onerror=alert(2)>' onload='x' --></svg></style>{{ 7 * 7 }}"""
"""Ends a text, an attribute in either quotes, a comment, a picture and a style, and is no template."""
_NEVER = {"script", "link", "img", "iframe", "object", "embed", "form", "base"}


class Page(HTMLParser):
    """Tags, attributes and visible text of a page; every tag that must be closed is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag in {"td", "th", "dt", "dd"}:
            self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def words(self) -> str:
        """The visible text with single spaces."""
        return " ".join(self.text.split())


def inert(text: str) -> Page:
    """The page, after looking that nothing in it runs and nothing is fetched from elsewhere."""
    page = Page(text)
    assert {tag for tag, _ in page.tags}.isdisjoint(_NEVER)
    for _, attributes in page.tags:
        assert not {name for name in attributes if name.startswith("on")}
        for name in ("src", "href", "xlink:href", "action"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    return page


def accessible(page: Page) -> None:
    """Pictures have a text, table headings a scope, ids are unique and links lead to them."""
    assert all(attributes.get("scope") for tag, attributes in page.tags if tag == "th")
    for tag, attributes in page.tags:
        if tag == "svg":
            assert attributes["role"] == "img"
            assert attributes["aria-label"]
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        for name in ("href", "xlink:href"):
            assert (attributes.get(name) or "#" + str(ids[0]))[1:] in ids
