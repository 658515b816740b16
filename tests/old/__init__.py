"""What earlier versions stored goes on: an installation that one of them made, and what it read from it then."""
