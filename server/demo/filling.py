"""What a marketplace is filled with: entities by the store that keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from server.demo.drawing import Drawing
from server.domain.disputes import Dispute, DisputeMessage
from server.domain.entities import Address, Booking, Day, Hold, Service, Shift, User, day_id
from server.domain.lifecycle import LIVE, Lifecycle, Phase
from server.domain.openings import Opening
from server.domain.payments import Earning, GatewayOrder, LedgerEntry, Payment
from server.domain.payouts import PayoutAccount
from server.domain.portfolio import PortfolioItem
from server.domain.profiles import Profile
from server.domain.reviews import Review
from server.domain.rooms import Message, Room
from server.domain.signatures import Signature
from server.store.profile_words import FoundBy, WordEnd

BESIDE = ("pictures", "last_ids")


@dataclass(frozen=True)
class Filling:
    """A marketplace. Each field but the last two is named as its store is; they are written in this order.

    pictures : what is drawn, by the key of its file
    last_ids : the last number that is taken, by sequence
    """

    services: Sequence[Service]
    users: Sequence[User]
    bookings: Sequence[Booking]
    days: Sequence[Day]
    shifts: Sequence[Shift] = ()
    addresses: Sequence[Address] = ()
    openings: Sequence[Opening] = ()
    signatures: Sequence[Signature] = ()
    disputes: Sequence[Dispute] = ()
    dispute_messages: Sequence[DisputeMessage] = ()
    payments: Sequence[Payment] = ()
    orders: Sequence[GatewayOrder] = ()
    earnings: Sequence[Earning] = ()
    ledger: Sequence[LedgerEntry] = ()
    payout_accounts: Sequence[PayoutAccount] = ()
    profiles: Sequence[Profile] = ()
    profile_words: Sequence[FoundBy] = ()
    vocabulary: Sequence[WordEnd] = ()
    portfolio_items: Sequence[PortfolioItem] = ()
    reviews: Sequence[Review] = ()
    rooms: Sequence[Room] = ()
    messages: Sequence[Message] = ()
    pictures: Mapping[str, Drawing] = field(default_factory=dict)
    last_ids: Mapping[str, int] = field(default_factory=dict)

    def rows(self) -> dict[str, Sequence[Any]]:
        """Give the entities by the name of their store, in the order in which they are written."""
        names = [one.name for one in fields(self) if one.name not in BESIDE]
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def days_of(bookings: Sequence[Booking], lifecycle: Lifecycle) -> list[Day]:
    """Give the days that bookings fill; what was called off holds nothing."""
    holds: dict[tuple[int, str], list[Hold]] = {}
    holding = set(lifecycle.states_in(*LIVE, Phase.DONE))
    for one in sorted(bookings, key=lambda booking: booking.starts_at):
        if one.provider_id is not None and one.state in holding:
            before, after = one.before_minutes, one.after_minutes
            hold = Hold(one.id, one.starts_at, one.ends_at, before, after, one.lat, one.lng)
            holds.setdefault((one.provider_id, one.date), []).append(hold)
    return [
        Day(day_id(provider_id, date), provider_id, date, 1, tuple(held))
        for (provider_id, date), held in holds.items()
    ]
