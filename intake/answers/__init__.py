"""One patient's answers as they are kept: the stored document and its formats. Pure."""
