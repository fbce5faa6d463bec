"""Users' addresses."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from server import clock
from server.domain.entities import Address
from server.domain.marketplace import Marketplace
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller
from server.errors import Conflict, Invalid, NotFound
from server.places.table import Places
from server.services.audit import Audit
from server.services.bookings.new_ids import NewIds
from server.store.addresses import Addresses as AddressStore
from server.store.database import Database

MAX_ADDRESSES = 50
"""More than anybody has; keeps one account from filling the database."""


class Addresses:
    """Everybody sees and changes their own; at most one of them is the default."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        store: AddressStore,
        places: Places,
        new_ids: NewIds,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._store = meaning, database, store
        self._places, self._new_ids, self._audit = places, new_ids, audit

    async def list(self, caller: Caller, is_default: bool | None, paging: Paging) -> Listed[Address]:
        """Give one page of a user's own addresses, oldest first; `is_default` None means any."""
        return await self._store.listed(caller.user_id, is_default, paging)

    async def get(self, caller: Caller, address_id: str) -> Address:
        """Give a user's own address; raises NotFound."""
        address = await self._store.get(address_id)
        if address is None or address.user_id != caller.user_id:
            raise NotFound("Address not found")
        return address

    async def create(
        self,
        caller: Caller,
        *,
        address_line: str,
        pincode: str,
        is_default: bool | None,
        label: str = "",
        lat: str | None = None,
        lng: str | None = None,
        city: str = "",
        state: str = "",
        country: str = "",
    ) -> Address:
        """Keep a new address and give it.

        is_default : True unmakes the other default; None makes a default of a user's first address only
        raises     : UnknownPincode, Invalid for half a point, Conflict when there are too many
        """
        self._check_pincode(pincode)
        _check_point(lat, lng)
        user_id, id = caller.user_id, await self._new_ids.of("addresses")

        async def write() -> Address:
            known = await self._store.count({"user_id": user_id})
            if known >= MAX_ADDRESSES:
                raise Conflict(f"At most {MAX_ADDRESSES} addresses are kept.")
            now = clock.now()
            default = known == 0 if is_default is None else is_default
            if default:
                await self._unmake_default(caller, now)
            address = Address(
                id=id,
                user_id=user_id,
                label=label,
                address_line=address_line,
                pincode=pincode,
                lat=lat,
                lng=lng,
                is_default=default,
                created_at=now,
                updated_at=now,
                city=city,
                state=state,
                country=country,
            )
            await self._store.insert(address)
            await self._audit.record(caller, None, address)
            return address

        return await self._database.together(write)

    async def change(self, caller: Caller, address_id: str, values: dict[str, Any]) -> Address:
        """Change the named fields of the entity and give it; making it the default unmakes the other.

        A new pincode without a new point leaves the address without one: the old point lies elsewhere.

        raises : NotFound, UnknownPincode, Invalid for half a point
        """
        _check_point(values.get("lat"), values.get("lng"))
        if "pincode" in values:
            self._check_pincode(values["pincode"])

        async def write() -> Address:
            address = await self.get(caller, address_id)
            now = clock.now()
            changed = {**values, "updated_at": now}
            if values.get("is_default") and not address.is_default:
                await self._unmake_default(caller, now)
            if values.get("pincode", address.pincode) != address.pincode:
                changed = {"lat": None, "lng": None, **changed}
            await self._store.change(address_id, changed)
            after = replace(address, **changed)
            await self._audit.record(caller, address, after)
            return after

        return await self._database.together(write)

    async def set_default(self, caller: Caller, address_id: str) -> None:
        """Make an address the user's only default; raises NotFound."""
        await self.change(caller, address_id, {"is_default": True})

    async def delete(self, caller: Caller, address_id: str) -> None:
        """Forget an address; raises NotFound."""

        async def write() -> None:
            address = await self.get(caller, address_id)
            await self._store.delete(address_id)
            await self._audit.record(caller, address, None)

        await self._database.together(write)

    async def _unmake_default(self, caller: Caller, now: datetime) -> None:
        """Leave the caller without a default, inside the transaction that sets the next one."""
        before = await self._store.default_of(caller.user_id)
        if before is not None:
            values = {"is_default": False, "updated_at": now}
            await self._store.change(before.id, values)
            await self._audit.record(caller, before, replace(before, is_default=False, updated_at=now))

    def _check_pincode(self, pincode: str) -> None:
        if not self._meaning.placeless:
            self._places.get(pincode)


def _check_point(lat: str | None, lng: str | None) -> None:
    if (lat is None) != (lng is None):
        missing = "lat" if lat is None else "lng"
        raise Invalid({missing: ["Latitude and longitude belong together."]})
