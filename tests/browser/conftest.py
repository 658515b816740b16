"""One real server and one real browser for all browser tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.desk import Desk, open_desk
from tests.browser.walker import launch
from tests.databases import DatabaseIn, Sqlite
from tests.serving import Server, serving


@pytest.fixture(scope="session")
def server(database_in: DatabaseIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A try-out on a fresh instance folder."""
    with database_in(tmp_path_factory.mktemp("served"), empty=True) as database, serving(database) as running:
        yield running


@pytest.fixture(scope="session")
def sqlite_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same on SQLite alone, for what takes long and does not turn on the database."""
    with Sqlite.made(tmp_path_factory.mktemp("served"), empty=True) as database, serving(database) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A clinic of its own whose pages are looked at and printed."""
    with open_desk(tmp_path_factory.mktemp("desk"), browser) as opened:
        yield opened
