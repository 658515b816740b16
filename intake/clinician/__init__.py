"""The clinician's door: the queue, the one page, the full answers, the review."""
