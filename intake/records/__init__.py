"""What is kept, who saw it and how long: database, keys and the verbs on them. Knows no web framework."""
