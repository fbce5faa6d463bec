"""The map of demand by pincode, live, for staff. A socket of its own: a socket hears of one topic."""

from typing import Any

from handlers.call import Call
from handlers.fields import wire_time
from handlers.homeserve.dashboard import zone_out
from handlers.homeserve.roles import ADMINS
from handlers.route import SocketRoute
from server import clock
from server.domain.events import DEMAND_CHANGED, Event, demand_topic
from server.services.prices.demand_map import PlaceDemand


async def join_map(call: Call) -> str:
    """Let admins see where demand is, and how it changes."""
    return demand_topic()


async def greet_map(call: Call) -> list[dict[str, Any]]:
    """Tell the whole map first, as `pincode_demand`."""
    return [_message(await call.market.demand_map.known(), [], wire_time(clock.now()))]


def spell_map(event: Event) -> dict[str, Any] | None:
    """Tell which pincodes changed, at most once a second.

    `pincode_demand`: pincodes, gone_pincodes, timestamp. A pincode is what
    `/admin-dashboard/pincode-scaling/data/` says of it (30 days back), and for this hour around it
    demand_index (0..10), bookings_this_hour, vendors_on_duty, vendors_free, surge_multiplier and
    demand_level. It has no `seq`: whoever comes is greeted with the whole map.
    """
    if event.kind != DEMAND_CHANGED:
        return None
    return _message(event.data["rows"], event.data["gone"], wire_time(event.at))


def _message(rows: list[PlaceDemand], gone: list[str], at: str) -> dict[str, Any]:
    data = {"pincodes": [_row(row) for row in rows], "gone_pincodes": gone, "timestamp": at}
    return {"type": "pincode_demand", "data": data}


def _row(row: PlaceDemand) -> dict[str, Any]:
    return zone_out(row.zone) | {
        "demand_index": row.supply.index,
        "bookings_this_hour": row.supply.booked,
        "vendors_on_duty": row.supply.on_duty,
        "vendors_free": row.supply.free,
        "surge_multiplier": row.surge,
        "demand_level": row.level,
    }


SOCKETS = (SocketRoute("/ws/admin/pincodes/", join_map, spell_map, ADMINS, greet=greet_map),)
