"""The patients' door: start, come back by code, one topic a page, check, send. It cannot reach staff accounts."""
