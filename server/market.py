"""One marketplace at work: its meaning and its services, wired in bootstrap.py."""

from dataclasses import dataclass

from server.domain.marketplace import Marketplace
from server.realtime.hub import Hub
from server.realtime.outbox import Outbox
from server.realtime.presence import Presence
from server.services.accounts.accounts import Accounts
from server.services.accounts.addresses import Addresses
from server.services.accounts.directory import Directory
from server.services.accounts.own_account import OwnAccount
from server.services.accounts.tokens import Tokens
from server.services.applications.application_statistics import ApplicationStatistics
from server.services.applications.applications import Applications
from server.services.audit import Audit
from server.services.bookings.appointments import Appointments
from server.services.bookings.bookings import Bookings
from server.services.bookings.cancelling import Cancelling
from server.services.bookings.moves import Moves
from server.services.bookings.photos import Photos
from server.services.bookings.rescheduling import Rescheduling
from server.services.bookings.signatures import Signatures
from server.services.bookings.visibility import Visibility
from server.services.dispatch.dispatch_applying import DispatchApplying
from server.services.dispatch.dispatching import Dispatching
from server.services.disputes.dispute_analysis import DisputeAnalysis
from server.services.disputes.dispute_talk import DisputeTalk
from server.services.disputes.dispute_timeline import DisputeTimeline
from server.services.disputes.disputes import Disputes
from server.services.disputes.escalating import Escalating
from server.services.disputes.mediation import Mediation
from server.services.files.media import Media
from server.services.idempotency import Idempotency
from server.services.insights.caches import Caches
from server.services.insights.history import History
from server.services.insights.insights import Insights
from server.services.insights.performance import PerformanceService
from server.services.insights.pictures import Pictures
from server.services.insights.scaling import ScalingService
from server.services.money.direct_payments import DirectPayments
from server.services.money.earnings import Earnings
from server.services.money.hearing import Hearing
from server.services.money.ledger import Ledger
from server.services.money.payments import Payments
from server.services.money.payout_accounts import PayoutAccounts
from server.services.money.settlement import Settlement
from server.services.prices.demand_map import DemandMap
from server.services.prices.pricing import Pricing
from server.services.shop.catalogue import Catalogue
from server.services.shop.catalogue_changes import CatalogueChanges
from server.services.shop.portfolio import Portfolio
from server.services.shop.profiles import Profiles
from server.services.shop.reviews import Reviews
from server.services.shop.search import Search
from server.services.shop.showcase import Showcase
from server.services.talk.chat import Chat
from server.services.talk.company import Company
from server.services.talk.courier import Courier
from server.services.talk.notices import Notices
from server.services.talk.notifications import Notifications
from server.services.talk.rooms import Rooms
from server.services.telling.updates import Updates
from server.services.time.availability import Availability
from server.services.time.day_routes import DayRoutes
from server.services.time.openings import Openings
from server.services.time.scheduling import Scheduling
from server.services.time.traffic import Traffic
from server.services.time.travel import Travel
from server.services.time.whereabouts import Whereabouts
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
