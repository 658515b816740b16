"""A server and a browser."""

from tests.browser.conftest import browser, server

__all__ = ["browser", "server"]
