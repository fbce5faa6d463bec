"""Providers' accounts at the payment gateway: opened once, onboarded on the gateway's own pages."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import structlog

from server import clock
from server.domain.entities import User
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller
from server.domain.payouts import AccountState, PayoutAccount
from server.errors import Busy, Conflict, NotFound, Stale
from server.gateways.payments import Links, PaymentGateway, Refused
from server.services.audit import Audit
from server.services.shop.profiles import Profiles
from server.settings import Settings
from server.store.database import Database
from server.store.payout_accounts import PayoutAccounts as PayoutAccountStore
from server.store.users import Users

log = structlog.get_logger("payouts")

AWAY = "The payment service cannot be reached; try again."


class PayoutAccounts:
    """What the gateway says of an account is kept, so that nobody waits for it to see a profile."""

    def __init__(
        self,
        meaning: Marketplace,
        settings: Settings,
        database: Database,
        store: PayoutAccountStore,
        users: Users,
        gateway: PaymentGateway,
        profiles: Profiles,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._store, self._users = meaning, database, store, users
        self._gateway, self._profiles, self._audit = gateway, profiles, audit
        site = settings.frontend_url.rstrip("/")
        self._links = Links(f"{site}/payments/onboard/refresh/", f"{site}/payments/onboard/return/")

    async def onboard(self, caller: Caller) -> tuple[PayoutAccount, str]:
        """Give the caller's account, opened by the first call, and a fresh link to the gateway's pages.

        raises : Busy when the gateway is away or does not want the account
        """
        account = await self._store.get(caller.user_id) or await self._open(caller)
        try:
            return account, await self._gateway.onboarding_link(account.account_id, self._links)
        except Refused as refused:
            raise _unwanted(refused, caller.user_id) from refused

    async def status(self, user_id: int) -> PayoutAccount | None:
        """Give a user's account as it stands at the gateway, or while that is away as far as is known."""
        account = await self._store.get(user_id)
        if account is None:
            return None
        asked_at = clock.now()
        try:
            state = await self._gateway.account_state(account.account_id)
        except (Busy, Refused) as away:
            log.warning("an account's state is not known", provider_id=user_id, reason=str(away))
            return account
        if state is None or state == account.state:
            return account
        return await self._database.together(lambda: self._learn(account, state, asked_at))

    async def dashboard_link(self, caller: Caller) -> str:
        """Give a link to the gateway's pages for the caller's own account.

        raises : NotFound without an account, Conflict before its onboarding is done, Busy
        """
        account = await self._store.get(caller.user_id)
        if account is None:
            raise NotFound("There is no payment account yet.")
        try:
            return await self._gateway.dashboard_link(account.account_id)
        except Refused as refused:
            log.warning("the gateway gave no link", provider_id=caller.user_id, reason=str(refused))
            raise Conflict("Complete the onboarding first.") from refused

    async def payee(self, provider_id: int) -> PayoutAccount | None:
        """Give the account that a provider is to be paid on directly; None: the platform keeps it for them.

        raises : Conflict when this gateway pays nobody without an account that takes charges, Busy
        """
        account = await self._store.get(provider_id)
        if not self._gateway.needs_accounts:
            return account
        if account is not None and not account.state.charges_enabled:
            account = await self.status(provider_id)
        if account is None or not account.state.charges_enabled:
            raise Conflict("The professional cannot take payments yet.")
        return account

    async def told(self, account_id: str, state: AccountState, at: datetime) -> None:
        """Note what an event said of an account; call inside a transaction."""
        account = await self._store.of_account(account_id)
        if account is not None:
            await self._learn(account, state, at)

    async def _open(self, caller: Caller) -> PayoutAccount:
        """Have the gateway open an account and note it; who asks at once, or after a crash, gets the same."""
        owner = await self._users.get(caller.user_id)
        if owner is None:
            raise NotFound("User not found")
        try:
            account_id = await self._gateway.open_account(owner.id, owner.email, self._key(owner))
        except Refused as refused:
            raise _unwanted(refused, owner.id) from refused
        opened = PayoutAccount(owner.id, account_id, clock.now())

        async def write() -> PayoutAccount:
            known = await self._store.get(owner.id)
            if known is not None:
                return known
            try:
                await self._store.insert(opened)
            except Conflict as taken:  # opened at the same time: look again
                raise Stale() from taken
            await self._audit.record(caller, None, opened)
            return opened

        return await self._database.together(write)

    def _key(self, owner: User) -> str:
        """Name all that the account is opened with: a gateway refuses a key that comes with anything else."""
        facts = f"{self._meaning.name}\n{owner.id}\n{owner.email}\n{owner.created_at.isoformat()}"
        return f"account-{sha256(facts.encode()).hexdigest()}"

    async def _learn(self, account: PayoutAccount, state: AccountState, at: datetime) -> PayoutAccount:
        account = await self._store.get(account.id) or account
        after = account.told(state, at)
        if after == account:
            return account
        after = replace(after, revision=account.revision + 1)
        await self._store.rewrite(after, account.revision)
        await self._audit.record(None, account, after)
        await self._profiles.set_onboarded(after.id, after.state.is_complete)
        return after


def _unwanted(refused: Refused, provider_id: int) -> Busy:
    log.error("the gateway refused an account", provider_id=provider_id, reason=str(refused))
    return Busy(AWAY)
