"""The page as a person has it: in Chromium, from a file and from an address, dark, on a phone, by keyboard, on paper.

Playwright drives whatever Chromium is installed. Where there is none these tests say so and are left out; the page's
own text is looked at anyway.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from chalicelib.console import document
from chalicelib.runtime.console import page as console_page
from tests.console.examples import example, many

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
VIEWS = ("#/", "#/d/orders", "#/d/flats", "#/r/flats-00000002", "#/r/orders-00000002", "#/costs", "#/d/nothing")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("console"), example())


def written(folder: Path, data: dict[str, Any]) -> Path:
    (folder / "index.html").write_bytes(console_page())
    (folder / "data.js").write_bytes(document.as_script(data))
    return folder


class Looked:
    """A page, and what it said and asked for."""

    def __init__(self, browser: Browser, address: str, **context: Any) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page: Page = browser.new_context(**context).new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(address)

    def go(self, view: str) -> None:
        self.page.evaluate("view => { location.hash = view; }", view)
        self.page.wait_for_function("document.activeElement.tagName === 'H1'")

    def close(self) -> None:
        self.page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_from_a_file_has_no_fault_says_nothing_and_asks_for_nothing_else(
    browser: Browser, folder: Path, scheme: str
) -> None:
    looked = Looked(browser, (folder / "index.html").as_uri(), color_scheme=scheme)
    for view in VIEWS:
        if view != "#/":
            looked.go(view)
        found = Axe().run(looked.page)
        assert found.violations_count == 0, (view, found.generate_report())
    assert looked.said == []
    assert {address.partition("#")[0].rpartition("/")[2] for address in looked.asked} == {"index.html", "data.js"}
    looked.close()


def test_what_stands_on_the_page(browser: Browser, folder: Path) -> None:
    looked = Looked(browser, (folder / "index.html").as_uri())
    page = looked.page
    assert page.locator(".sentence").inner_text() == (
        "1 of 4 models is all right; flats failed; churn waits for you; orders has drifted."
    )
    names = page.locator("tbody th").all_inner_texts()
    assert names == ["flats", "churn", "orders", "visits"]  # the worst first
    page.get_by_role("button", name="Dataset", exact=True).click()
    assert page.locator("tbody th").all_inner_texts() == sorted(names)
    looked.go("#/r/flats-00000002")
    assert "alert" in page.locator(".failure").inner_text()  # shown as text
    assert page.locator("main script, main img").count() == 0
    looked.go("#/costs")
    assert "not known so far in 2026-11" in page.locator(".sentence").inner_text()
    looked.close()


def test_by_keyboard_alone_from_the_list_to_a_dataset_and_back(browser: Browser, folder: Path) -> None:
    looked = Looked(browser, (folder / "index.html").as_uri())
    page = looked.page
    page.get_by_role("link", name="flats").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.tagName === 'H1'")
    assert page.locator("h1").inner_text() == "flats"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "copy"
    page.go_back()
    page.wait_for_function("document.querySelector('h1').textContent === 'SageRelay'")
    looked.close()


def test_a_phone_scrolls_in_one_direction_only(browser: Browser, folder: Path) -> None:
    looked = Looked(browser, (folder / "index.html").as_uri(), viewport={"width": 360, "height": 740})
    for view in VIEWS[1:]:
        looked.go(view)
        wide = looked.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, view
    looked.close()


def test_on_paper_there_are_no_buttons(browser: Browser, folder: Path) -> None:
    looked = Looked(browser, (folder / "index.html").as_uri())
    looked.go("#/d/orders")
    looked.page.emulate_media(media="print")
    assert not looked.page.locator("nav").is_visible()
    assert not looked.page.locator(".lines button").first.is_visible()
    looked.close()


def test_from_an_address_it_follows_by_itself(browser: Browser, tmp_path: Path) -> None:
    first = example()
    written(tmp_path, first)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        looked = Looked(browser, f"http://127.0.0.1:{server.server_port}/index.html")
        written(tmp_path, {**first, "written": "2026-11-23T00:00:00Z", "sentence": [["Another day.", None]]})
        looked.page.get_by_text("Another day.").wait_for(timeout=20_000)
        assert looked.said == []
        looked.close()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder, without a line a request."""

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def test_without_its_data_the_page_says_where_it_comes_from(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_bytes(console_page())
    looked = Looked(browser, (tmp_path / "index.html").as_uri())
    assert "sagerelay console" in looked.page.locator("main").inner_text()
    looked.close()


def test_a_thousand_datasets_are_all_there_and_found_by_name(browser: Browser, tmp_path: Path) -> None:
    looked = Looked(browser, (written(tmp_path, many(1000)) / "index.html").as_uri())
    assert looked.page.locator("tbody tr").count() == 1000
    looked.page.get_by_label("Only names with").fill("set-0042")
    assert looked.page.locator("tbody th").all_inner_texts() == ["set-0042"]
    looked.close()


def test_the_page_is_small_and_holds_nothing_of_anywhere_else() -> None:
    text = console_page().decode()
    assert len(text) < 200_000
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text)
    policy = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    assert len(policy) == 1
    assert "unsafe" not in policy[0]
    assert policy[0].startswith("default-src 'none'")
