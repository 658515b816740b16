"""The exit statuses of the commands (docs/interfaces.md); from 64 on they are those of sysexits.h."""

from typing import Final

DONE: Final = 0
FOUND_WRONG: Final = 1
WRONG_USAGE: Final = 2
UNREACHABLE: Final = 69
"""The database does not answer now: trying again later may mend it."""
OUR_FAULT: Final = 70
REFUSED: Final = 78
