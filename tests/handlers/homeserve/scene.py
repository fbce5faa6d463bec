"""A small HomeServe: two customers, a vendor at 110001, staff, three services, a working day ahead."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from server import clock
from server.domain.entities import Service, Shift
from tests.handlers.client import Account, Api, Reply

ZONE = ZoneInfo("Asia/Kolkata")
AREA = ("110001", "110002", "110003")


def shape(value: Any) -> Any:
    """Give a value's structure: names and types; an empty list or None fits anything."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


@dataclass
class Scene:
    """People and things to test with; `day` is a Wednesday or Thursday ahead, all vendors work on it."""

    api: Api
    customer: Account
    other: Account
    vendor: Account
    ops: Account
    admin: Account
    onboarder: Account
    service: Service
    short: Service
    foreign: Service
    day: date

    @classmethod
    async def build(cls, api: Api) -> "Scene":
        """Fill an empty marketplace."""
        repair = await make_service(api, "AC Repair", "Appliance", 50000, 120)
        short = await make_service(api, "Tap Repair", "Plumbing", 19900, 30)
        foreign = await make_service(api, "Painting", "Painting", 99900, 240)
        today = datetime.now(ZONE).date()
        scene = cls(
            api,
            await api.account("customer1", "customer", first_name="John", last_name="Doe"),
            await api.account("customer2", "customer"),
            Account(0, "", ""),
            await api.account("ops1", "ops_manager"),
            await api.account("admin1", "super_admin"),
            await api.account("onboard1", "onboard_manager"),
            repair,
            short,
            foreign,
            today + timedelta(days=7 + (2 - today.weekday()) % 7),
        )
        scene.vendor = await scene.make_vendor("vendor1", first_name="Jane", last_name="Smith")
        return scene

    async def make_vendor(
        self,
        username: str,
        *,
        skills: tuple[int, ...] | None = None,
        base: str = "110001",
        area: tuple[str, ...] = AREA,
        **fields: Any,
    ) -> Account:
        """Make a vendor who works 09:00-18:00 every day."""
        offered = (self.service.id, self.short.id) if skills is None else skills
        vendor = await self.api.account(
            username, "vendor", skills=offered, is_available=True, pincode=base, **fields
        )
        now = clock.now()
        for weekday in range(1, 8):
            shift = Shift(
                id=await self.api.market.stores.ids.next("shifts"),
                provider_id=vendor.id,
                provider_name=username,
                weekday=weekday,
                start_minute=9 * 60,
                end_minute=18 * 60,
                base_pincode=base,
                area_pincodes=area,
                buffer_minutes=15,
                created_at=now,
                updated_at=now,
            )
            await self.api.market.stores.shifts.insert(shift)
        return vendor

    def at(self, hour: int, minute: int = 0) -> str:
        """Give the wire time of a local time on `day`."""
        local = datetime(self.day.year, self.day.month, self.day.day, hour, minute, tzinfo=ZONE)
        return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    async def book(
        self,
        account: Account | None = None,
        *,
        when: str | None = None,
        service: int | None = None,
        pincode: str = "110001",
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> Reply:
        """Create a booking for 10:00 of the day unless told otherwise."""
        body = {
            "service": service or self.service.id,
            "pincode": pincode,
            "scheduled_date": when or self.at(10),
            "customer_notes": "Please arrive on time",
            **more,
        }
        token = (account or self.customer).token
        return await self.api.post("/api/bookings/", json=body, token=token, headers=headers)

    async def confirmed(self, **more: Any) -> Any:
        """Give a booking that the vendor has accepted."""
        booking = (await self.book(vendor=self.vendor.id, **more)).json
        await self.api.post(f"/api/bookings/{booking['id']}/accept_booking/", token=self.vendor.token)
        return booking

    async def completed(self, **more: Any) -> Any:
        """Give a booking whose work the vendor has finished."""
        booking = await self.confirmed(**more)
        path = f"/api/bookings/{booking['id']}/complete_booking/"
        await self.api.post(path, token=self.vendor.token)
        return booking

    async def signed(self, **more: Any) -> Any:
        """Give a booking that the customer has signed, so that it is paid."""
        booking = await self.completed(**more)
        asked = await self.api.post(
            f"/api/bookings/{booking['id']}/request_signature/", token=self.vendor.token
        )
        path = f"/api/signatures/{asked.json['signature_id']}/sign/"
        body = {"satisfaction_rating": 5, "comments": ""}
        await self.api.post(path, json=body, token=self.customer.token)
        return booking


async def make_service(api: Api, name: str, category: str, price_minor: int, minutes: int) -> Service:
    """Add a service to the catalogue."""
    now = clock.now()
    service = Service(
        await api.market.stores.ids.next("services"),
        name,
        f"{name} at home",
        price_minor,
        category,
        minutes,
        now,
        now,
    )
    await api.market.stores.services.insert(service)
    return service
