"""The ledger: every movement of money, once, balanced."""

from collections.abc import Mapping

from server import clock
from server.domain.paging import Listed, Paging
from server.domain.payments import LedgerEntry, Leg
from server.store.earnings import LedgerEntries


class Ledger:
    """Append-only. An entry is one document, so that no crash leaves half a movement."""

    def __init__(self, entries: LedgerEntries) -> None:
        self._entries = entries

    async def post(self, key: str, booking_id: str | None, legs: Mapping[str, int]) -> bool:
        """Write a movement unless its key was written before; says whether it was new.

        legs   : account -> minor units, into it positive, out of it negative; zeros are left out
        raises : ValueError when they do not add up to zero, which is our mistake
        """
        if sum(legs.values()) != 0:
            raise ValueError(f"ledger entry {key} does not balance: {dict(legs)}")
        if await self._entries.get(key) is not None:
            return False
        moved = tuple(Leg(account, amount) for account, amount in legs.items() if amount)
        await self._entries.insert(LedgerEntry(key, booking_id, clock.now(), moved))
        return True

    async def list(self, account: str | None, booking_id: str | None, paging: Paging) -> Listed[LedgerEntry]:
        """Give one page of movements, newest first; None means any."""
        where: dict[str, object] = {}
        if account is not None:
            where["legs.account"] = account
        if booking_id is not None:
            where["booking_id"] = booking_id
        return await self._entries.listed(where, paging)

    async def balance(self, account: str) -> int:
        """Give what an account holds, minor units."""
        return await self._entries.balance(account)
