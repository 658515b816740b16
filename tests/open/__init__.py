"""Tests that are written and not green yet: `make test-open` runs them, `make test` does not (docs/testing.md)."""
