"""The one Chromium of a test process: Playwright refuses to be started twice in one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.conftest import require_or_skip

PLACES = (Path("/usr/bin/chromium"), Path("/usr/bin/chromium-browser"))
PATIENCE = 20_000  # milliseconds until what a page should show is missed: a busy machine needs more than five seconds
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Skips without Chromium, and fails where the browser tests are required."""
    place = next((each for each in PLACES if each.exists()), None)
    if place is None:
        require_or_skip("browser", "Chromium is not installed")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=ARGUMENTS)
        yield browser
        browser.close()
