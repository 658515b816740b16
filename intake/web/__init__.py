"""The Flask plumbing that all doors share: sessions, headers, limits, error pages, logs."""
