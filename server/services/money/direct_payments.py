"""Customers paying providers directly, for what both have agreed on, without a booking."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import uuid4

import structlog

from server import clock
from server.domain.entities import User
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller
from server.domain.payments import Payment, PaymentKind, PaymentState, fee_of
from server.errors import Conflict, Invalid, NotFound
from server.gateways.payments import DirectCharge, Intent, PaymentGateway, Refused
from server.services.bookings.new_ids import NewIds
from server.services.money.payments import Payments
from server.services.money.payout_accounts import PayoutAccounts
from server.settings import Settings
from server.store.database import Database
from server.store.payments import Payments as PaymentStore
from server.store.users import Users

log = structlog.get_logger("payments")

LEAST_MINOR, MOST_MINOR = 50, 99_999_999
"""What the gateway takes: 0.50 to 999,999.99 dollars."""


@dataclass(frozen=True, slots=True)
class PaymentWish:
    """What a customer wants to pay, to whom, and for what."""

    provider_id: int
    amount_minor: int
    description: str


class DirectPayments:
    """The platform's share is fixed when the payment is opened, since the gateway takes it from there."""

    def __init__(
        self,
        meaning: Marketplace,
        settings: Settings,
        database: Database,
        users: Users,
        store: PaymentStore,
        payments: Payments,
        accounts: PayoutAccounts,
        gateway: PaymentGateway,
        new_ids: NewIds,
    ) -> None:
        self._meaning, self._fee, self._database = meaning, settings.platform_fee_percentage, database
        self._users, self._store, self._payments = users, store, payments
        self._accounts, self._gateway, self._new_ids = accounts, gateway, new_ids

    async def create(self, caller: Caller, wish: PaymentWish, once: str | None = None) -> Payment:
        """Open a payment that the customer's app can confirm, and give it.

        once   : a name of the caller's choice: a call under the same name goes on where one broke off between
                 the gateway's answer and our note of it, with the same intent
        raises : Invalid (amount), NotFound for an unknown provider, Conflict when they take no payments yet,
                 Busy when the gateway is away, and nothing is written then
        """
        if not LEAST_MINOR <= wish.amount_minor <= MOST_MINOR:
            raise Invalid({"amount": ["Between 0.50 and 999,999.99."]})
        customer, provider = await self._users.get(caller.user_id), await self._provider(wish.provider_id)
        if customer is None:
            raise NotFound("User not found")
        account = await self._accounts.payee(provider.id)
        account_id = account.account_id if account else None
        charge = self._charge(customer, wish, account_id, once or uuid4().hex)
        intent = await self._open(charge)

        async def write() -> Payment:
            known = await self._store.of_intent(intent.id)
            if known is not None:
                return known
            id = await self._new_ids.of("payments")
            payment = _payment(id, charge, intent, customer, provider)
            return await self._payments.add(caller, payment)

        return await self._database.together(write)

    async def _provider(self, provider_id: int) -> User:
        provider = await self._users.get(provider_id)
        if provider is None or provider.role != self._meaning.provider_role or not provider.is_active:
            raise NotFound("Professional not found", field="payee_id")
        return provider

    def _charge(self, customer: User, wish: PaymentWish, account_id: str | None, name: str) -> DirectCharge:
        """Give the charge; its key names all of it: a gateway refuses a key that comes with anything else."""
        fee = fee_of(wish.amount_minor, self._fee)
        facts = (self._meaning.name, customer.id, name, wish, fee, account_id)
        return DirectCharge(
            key=f"direct-{sha256(repr(facts).encode()).hexdigest()}",
            customer_id=customer.id,
            provider_id=wish.provider_id,
            amount_minor=wish.amount_minor,
            fee_minor=fee,
            currency=self._meaning.currency,
            description=wish.description,
            account_id=account_id,
        )

    async def _open(self, charge: DirectCharge) -> Intent:
        try:
            return await self._gateway.open_direct(charge)
        except Refused as refused:
            log.error("the gateway refused", provider_id=charge.provider_id, reason=str(refused))
            raise Conflict("The professional cannot take this payment.") from refused


def _payment(id: str, charge: DirectCharge, intent: Intent, customer: User, provider: User) -> Payment:
    now = clock.now()
    return Payment(
        id=id,
        customer_id=customer.id,
        provider_id=provider.id,
        customer_name=customer.name,
        provider_name=provider.public_name,
        amount_minor=charge.amount_minor,
        currency=charge.currency,
        description=charge.description,
        status=PaymentState.PENDING,
        kind=PaymentKind.AUTOMATIC,
        intent_id=intent.id,
        secret=intent.secret,
        account_id=charge.account_id,
        fee_minor=charge.fee_minor,
        created_at=now,
        updated_at=now,
    )
