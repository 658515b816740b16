"""All that only the form nk-intake knows. Pure."""
