"""Providers' working hours."""

from collections import defaultdict
from collections.abc import Sequence

from server.domain.entities import Shift
from server.domain.paging import Listed, Paging
from server.store.collection import Collection
from server.store.database import Index, session


class Shifts(Collection[Shift]):
    """One a provider and weekday."""

    NAME = "shifts"
    ENTITY = Shift
    INDEXES = (
        Index("provider_weekday", (("provider_id", 1), ("weekday", 1)), unique=True),
        Index("area", (("area_pincodes", 1), ("is_active", 1), ("weekday", 1))),
    )

    async def of(self, provider_id: int, weekday: int) -> Shift | None:
        return await self.find_one({"provider_id": provider_id, "weekday": weekday})

    async def areas(self, provider_id: int) -> set[str]:
        """Give every pincode a provider works in on some day."""
        asked = {"area_pincodes": 1, "is_active": 1}
        cursor = self._motor.find({"provider_id": provider_id}, projection=asked, session=session())
        rows = await cursor.to_list(length=None)
        return {pincode for row in rows if row["is_active"] for pincode in row["area_pincodes"]}

    async def serving(self, pincode: str, weekday: int) -> list[Shift]:
        """Give the shifts of a weekday whose area holds the pincode."""
        return await self.find({"area_pincodes": pincode, "weekday": weekday, "is_active": True})

    async def serving_some(self, pincodes: Sequence[str], weekday: int) -> list[Shift]:
        """Give the shifts of a weekday whose area holds one of the pincodes."""
        some = {"$in": list(pincodes)}
        return await self.find({"area_pincodes": some, "weekday": weekday, "is_active": True})

    async def serving_any_day(self, pincode: str) -> list[Shift]:
        return await self.find({"area_pincodes": pincode, "is_active": True})

    async def working_at(self, pincode: str) -> dict[int, set[int]]:
        """Give the providers whose area holds the pincode, each with the weekdays on which it does."""
        where = {"area_pincodes": pincode, "is_active": True}
        cursor = self._motor.find(where, projection={"provider_id": 1, "weekday": 1}, session=session())
        found: defaultdict[int, set[int]] = defaultdict(set)
        for row in await cursor.to_list(length=None):
            found[row["provider_id"]].add(row["weekday"])
        return found

    async def serving_any_of(self, pincodes: Sequence[str]) -> list[Shift]:
        """Give the shifts of any weekday whose area holds one of the pincodes."""
        return await self.find({"area_pincodes": {"$in": list(pincodes)}, "is_active": True})

    async def listed(self, provider_id: int | None, paging: Paging) -> Listed[Shift]:
        """Give one page of a provider's shifts (None: everybody's), by provider and weekday."""
        where = {} if provider_id is None else {"provider_id": provider_id}
        return await self.page(where, paging, (("provider_id", 1), ("weekday", 1)))

    async def put(self, shift: Shift) -> Shift:
        """Set the hours of a provider's weekday and give the row as it is kept, under its first id."""
        found = await self.of(shift.provider_id, shift.weekday)
        if found is None:
            await self.insert(shift)
            return shift
        values = {
            name: value for name, value in self.dump(shift).items() if name not in ("_id", "created_at")
        }
        await self.change(found.id, values)
        return await self.get(found.id) or shift
