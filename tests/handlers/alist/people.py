"""A-List with a few people, a category and a time to meet."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from server import clock
from server.domain.entities import Service
from tests.handlers.alist.documented import documented
from tests.handlers.client import Account, Api, Reply

PATH = "/api/scheduling/appointments/"


@dataclass(frozen=True)
class People:
    """Who meets whom, over the API."""

    api: Api
    client: Account
    other_client: Account
    pro: Account
    other_pro: Account
    crew: Account
    admin: Account
    category_id: int
    day: date

    @classmethod
    async def build(cls, api: Api) -> "People":
        """Make them; professionals have a business, and there is one category."""
        now = clock.now()
        category = Service(
            await api.market.stores.ids.next("services"), "Plumbing", "Plumbing services", 0, "", 60, now, now
        )
        await api.market.stores.services.insert(category)
        return cls(
            api,
            client=await api.account("carla", "client", first_name="John Client"),
            other_client=await api.account("cleo", "client"),
            pro=await api.account("pia", "contractor", trade_name="Elite Plumbing Services"),
            other_pro=await api.account("paul", "contractor", trade_name="Other Plumbing"),
            crew=await api.account("carl", "crew"),
            admin=await api.account("ada", "admin"),
            category_id=category.id,
            day=now.date() + timedelta(days=3),
        )

    def wish(self, **changes: Any) -> dict[str, Any]:
        """Give the documented request for an appointment, three days ahead."""
        told = documented("create_appointment").request
        real = {
            "contractor": self.pro.id,
            "service_category": self.category_id,
            "appointment_date": self.day.isoformat(),
        }
        return {**told, **real, **changes}

    async def ask(self, who: Account | None = None, **changes: Any) -> Reply:
        """Ask for an appointment."""
        token = (who or self.client).token
        return await self.api.post(PATH, json=self.wish(**changes), token=token)

    async def change(self, who: Account, id: int, **changes: Any) -> Reply:
        """Change an appointment."""
        return await self.api.patch(f"{PATH}{id}/", json=changes, token=who.token)
