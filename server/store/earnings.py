"""What providers earn, and the ledger."""

from datetime import datetime

from server.domain.paging import Listed, Paging
from server.domain.payments import Earning, EarningState, LedgerEntry
from server.store.collection import Collection
from server.store.database import Index, session


class Earnings(Collection[Earning]):
    """One a payment, one a correction."""

    NAME = "earnings"
    ENTITY = Earning
    INDEXES = (
        Index("provider", (("provider_id", 1), ("status", 1))),
        Index("booking", (("booking_id", 1),)),
        Index("release", (("status", 1), ("release_at", 1))),
    )

    async def of_booking(self, booking_id: str) -> list[Earning]:
        return await self.find({"booking_id": booking_id})

    async def due(self, now: datetime, most: int) -> list[Earning]:
        """Give pending earnings whose release date has come."""
        since = datetime(2000, 1, 1, tzinfo=now.tzinfo)
        ripe = {"status": EarningState.PENDING, "release_at": {"$gte": since, "$lte": now}}
        return await self.find(ripe, limit=most)

    async def listed(self, where: dict[str, object], paging: Paging) -> Listed[Earning]:
        """Give one page, newest first; `where` names keys of one index."""
        return await self.page(where, paging, (("created_at", -1), ("_id", 1)))

    async def totals(self, provider_id: int) -> dict[EarningState, int]:
        """Give the sum of a provider's earnings by state."""
        cursor = self._motor.aggregate(
            [
                {"$match": {"provider_id": provider_id}},
                {"$group": {"_id": "$status", "sum": {"$sum": "$amount_minor"}}},
            ]
        )
        return {EarningState(row["_id"]): int(row["sum"]) for row in await cursor.to_list(length=None)}


class LedgerEntries(Collection[LedgerEntry]):
    """Movements are added and read, never changed."""

    NAME = "ledger"
    ENTITY = LedgerEntry
    INDEXES = (
        Index("account", (("legs.account", 1), ("at", -1))),
        Index("booking", (("booking_id", 1),)),
        Index("at", (("at", 1),)),
    )

    async def listed(self, where: dict[str, object], paging: Paging) -> Listed[LedgerEntry]:
        """Give one page, newest first; `where` names keys of one index."""
        return await self.page(where, paging, (("at", -1), ("_id", 1)))

    async def balance(self, account: str) -> int:
        """Give the sum of an account's legs."""
        cursor = self._motor.aggregate(
            [
                {"$match": {"legs.account": account}},
                {"$unwind": "$legs"},
                {"$match": {"legs.account": account}},
                {"$group": {"_id": None, "sum": {"$sum": "$legs.amount_minor"}}},
            ],
            session=session(),
        )
        rows = await cursor.to_list(length=None)
        return int(rows[0]["sum"]) if rows else 0
