"""A patient on a phone with one bar of signal: a line that is slow and cuts requests, and how she gets on over it."""
