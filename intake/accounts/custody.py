"""Who may have held an account's password: whoever made its link, and who may have held theirs (decision 0030).

Written down when somebody is invited and when a link is used, and never worked out later: what happens to the maker of
a link afterwards changes nothing about who may have opened it.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from intake.accounts.tables import HOLDERS


def holders(sql: Connection, id: str) -> frozenset[str]:
    """The ids of all who may have held the password of an account, its own person included."""
    return frozenset(sql.scalars(select(HOLDERS.c.hand_id).where(HOLDERS.c.user_id == id))) | {id}


def pass_on(sql: Connection, maker: str, id: str) -> None:
    """Write down for good that the maker of an account's link may have held its password, and whoever had theirs."""
    if new := holders(sql, maker) - holders(sql, id):
        sql.execute(insert(HOLDERS), [{"user_id": id, "hand_id": holder} for holder in new])


def clear(sql: Connection, id: str) -> None:
    """The password came from the shell: nobody else has held it. What the account has passed on stays."""
    sql.execute(delete(HOLDERS).where(HOLDERS.c.user_id == id))
