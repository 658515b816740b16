"""The forms there are and what only one of them knows: a package of rules each, and the catalogue that finds a form."""
