"""One marketplace at work: its meaning and its services, wired in bootstrap.py."""

from dataclasses import dataclass

from server.domain.marketplace import Marketplace
from server.realtime.hub import Hub
from server.realtime.outbox import Outbox
from server.realtime.presence import Presence
from server.services.accounts import Accounts
from server.services.addresses import Addresses
from server.services.application_statistics import ApplicationStatistics
from server.services.applications import Applications
from server.services.appointments import Appointments
from server.services.audit import Audit
from server.services.availability import Availability
from server.services.bookings import Bookings
from server.services.caches import Caches
from server.services.cancelling import Cancelling
from server.services.catalogue import Catalogue
from server.services.catalogue_changes import CatalogueChanges
from server.services.chat import Chat
from server.services.company import Company
from server.services.courier import Courier
from server.services.day_routes import DayRoutes
from server.services.demand_map import DemandMap
from server.services.direct_payments import DirectPayments
from server.services.directory import Directory
from server.services.dispatch_applying import DispatchApplying
from server.services.dispatching import Dispatching
from server.services.dispute_analysis import DisputeAnalysis
from server.services.dispute_talk import DisputeTalk
from server.services.dispute_timeline import DisputeTimeline
from server.services.disputes import Disputes
from server.services.earnings import Earnings
from server.services.escalating import Escalating
from server.services.hearing import Hearing
from server.services.history import History
from server.services.idempotency import Idempotency
from server.services.insights import Insights
from server.services.ledger import Ledger
from server.services.media import Media
from server.services.mediation import Mediation
from server.services.moves import Moves
from server.services.notices import Notices
from server.services.notifications import Notifications
from server.services.openings import Openings
from server.services.own_account import OwnAccount
from server.services.payments import Payments
from server.services.payout_accounts import PayoutAccounts
from server.services.performance import PerformanceService
from server.services.photos import Photos
from server.services.pictures import Pictures
from server.services.portfolio import Portfolio
from server.services.pricing import Pricing
from server.services.profiles import Profiles
from server.services.rescheduling import Rescheduling
from server.services.reviews import Reviews
from server.services.rooms import Rooms
from server.services.scaling import ScalingService
from server.services.scheduling import Scheduling
from server.services.search import Search
from server.services.settlement import Settlement
from server.services.showcase import Showcase
from server.services.signatures import Signatures
from server.services.tokens import Tokens
from server.services.traffic import Traffic
from server.services.travel import Travel
from server.services.updates import Updates
from server.services.visibility import Visibility
from server.services.whereabouts import Whereabouts
from server.store.database import Database
from server.store.stores import Stores


@dataclass(frozen=True)
class Market:
    """What a handler reaches: `market.bookings.create(...)`."""

    meaning: Marketplace
    database: Database
    stores: Stores
    hub: Hub
    presence: Presence
    company: Company
    outbox: Outbox
    tokens: Tokens
    idempotency: Idempotency
    accounts: Accounts
    own_account: OwnAccount
    directory: Directory
    catalogue: Catalogue
    catalogue_changes: CatalogueChanges
    addresses: Addresses
    availability: Availability
    openings: Openings
    travel: Travel
    whereabouts: Whereabouts
    traffic: Traffic
    pictures: Pictures
    pricing: Pricing
    scheduling: Scheduling
    search: Search
    visibility: Visibility
    bookings: Bookings
    moves: Moves
    appointments: Appointments
    day_routes: DayRoutes
    dispatching: Dispatching
    dispatch_applying: DispatchApplying
    notifications: Notifications
    courier: Courier
    payments: Payments
    direct_payments: DirectPayments
    payout_accounts: PayoutAccounts
    settlement: Settlement
    hearing: Hearing
    earnings: Earnings
    ledger: Ledger
    photos: Photos
    profiles: Profiles
    portfolio: Portfolio
    reviews: Reviews
    showcase: Showcase
    signatures: Signatures
    disputes: Disputes
    dispute_talk: DisputeTalk
    dispute_timeline: DisputeTimeline
    mediation: Mediation
    rooms: Rooms
    escalating: Escalating
    applications: Applications
    media: Media
    performance: PerformanceService
    notices: Notices
    cancelling: Cancelling
    rescheduling: Rescheduling
    scaling: ScalingService
    demand_map: DemandMap
    caches: Caches
    audit: Audit
    updates: Updates
    history: History
    insights: Insights
    dispute_analysis: DisputeAnalysis
    application_statistics: ApplicationStatistics
    chat: Chat
