"""A real browser for the tests of pages: Debian's Chromium, driven by Playwright; axe looks too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
browser = pytest.mark.skipif(CHROMIUM is None, reason="needs the package `chromium`")
Scheme = Literal["light", "dark"]


class Shown:
    """A page in the browser, and what it did beside showing itself.

    Attributes:
        errors: What it wrote to the console as an error, and what its scripts threw.
        asked: Hosts that it asked for anything; empty for a file.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.asked: set[str] = set()
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.on("request", lambda r: self.asked.add(urlsplit(r.url).netloc))

    def faults(self) -> list[str]:
        """What axe calls serious or critical: rule, and the elements it is about."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{v['id']}: {[n['target'] for n in v['nodes']][:3]}"
            for v in found
            if v["impact"] in ("serious", "critical")
        ]


@contextmanager
def opened(url: str, scheme: Scheme = "light") -> Iterator[Shown]:
    """`url` in a browser of its own."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as driver:
        running = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = running.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 900})
        shown = Shown(page)
        page.goto(url)
        try:
            yield shown
        finally:
            running.close()


def waits(shown: Shown, selector: str, words: str) -> None:
    """Wait until the element has `words`, or as a field their value."""
    from playwright.sync_api import expect

    found = shown.page.locator(selector)
    if found.evaluate("e => e.tagName") == "TEXTAREA":
        expect(found).to_have_value(words, timeout=60_000)
    else:
        expect(found).to_contain_text(words, timeout=60_000)
