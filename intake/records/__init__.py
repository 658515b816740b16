"""What is kept, who saw it and how long: the database, the keys and the verbs that work on them. Knows no web
framework."""
