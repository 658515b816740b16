"""The records: what is kept, who may open it, and what happens when several want it at once."""
