"""Every repository of one marketplace, and the indexes they declare."""

from dataclasses import dataclass
from typing import get_type_hints

from server.store.addresses import Addresses
from server.store.applications import Applications
from server.store.bookings import BookingStore
from server.store.changes import Changes
from server.store.codes import Codes
from server.store.collection import Collection
from server.store.database import Database
from server.store.days import Days
from server.store.dispatches import Dispatches
from server.store.disputes import DisputeMessages, Disputes
from server.store.earnings import Earnings, LedgerEntries
from server.store.idempotency import IdempotencyKeys
from server.store.ids import Ids
from server.store.leftovers import Leftovers
from server.store.marks import Marks
from server.store.notifications import Deliveries, DeliveryCounts, Notifications, PreferenceStore
from server.store.openings import Openings
from server.store.outbox import OutboxRows
from server.store.payments import GatewayOrders, HeardEvents, Payments
from server.store.payout_accounts import PayoutAccounts
from server.store.performance import PerformanceStore
from server.store.photos import Photos
from server.store.portfolio import PortfolioItems
from server.store.positions import Positions
from server.store.profile_words import ProfileWords, Vocabulary
from server.store.profiles import Profiles
from server.store.proposals import Proposals
from server.store.reviews import Reviews
from server.store.rollups import Rollups
from server.store.rooms import Messages, Rooms
from server.store.services import Services
from server.store.sessions import Sessions
from server.store.shifts import Shifts
from server.store.signatures import Signatures
from server.store.speeds import Speeds
from server.store.tasks import Tasks
from server.store.users import Users


@dataclass(frozen=True)
class Stores:
    """Repositories by subject."""

    ids: Ids
    marks: Marks
    users: Users
    sessions: Sessions
    codes: Codes
    keys: IdempotencyKeys
    services: Services
    addresses: Addresses
    shifts: Shifts
    openings: Openings
    days: Days
    bookings: BookingStore
    payments: Payments
    orders: GatewayOrders
    heard: HeardEvents
    payout_accounts: PayoutAccounts
    earnings: Earnings
    ledger: LedgerEntries
    applications: Applications
    performance: PerformanceStore
    proposals: Proposals
    positions: Positions
    rollups: Rollups
    speeds: Speeds
    tasks: Tasks
    dispatches: Dispatches
    photos: Photos
    profiles: Profiles
    profile_words: ProfileWords
    vocabulary: Vocabulary
    portfolio_items: PortfolioItems
    reviews: Reviews
    leftovers: Leftovers
    signatures: Signatures
    disputes: Disputes
    dispute_messages: DisputeMessages
    rooms: Rooms
    messages: Messages
    changes: Changes
    notifications: Notifications
    deliveries: Deliveries
    delivery_counts: DeliveryCounts
    preferences: PreferenceStore
    outbox: OutboxRows

    @classmethod
    async def open(cls, database: Database) -> "Stores":
        """Make the repositories and create the indexes that do not exist yet."""
        stores = cls(**{name: kind(database) for name, kind in get_type_hints(cls).items()})
        collections = [store for store in vars(stores).values() if isinstance(store, Collection)]
        await database.ensure_indexes((store.NAME, store.INDEXES) for store in collections)
        return stores
