"""A mutation run: small faults are planted into the pure packages one at a time, and the tests are to notice
(docs/testing.md)."""
