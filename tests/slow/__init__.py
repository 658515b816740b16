"""Tests that take minutes: a whole installation, many responses, and what stands on its disk."""
