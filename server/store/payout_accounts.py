"""Providers' accounts at the payment gateway."""

from server.domain.payouts import PayoutAccount
from server.store.collection import Collection
from server.store.database import Index


class PayoutAccounts(Collection[PayoutAccount]):
    """One a provider: the primary key is the provider's."""

    NAME = "payout_accounts"
    ENTITY = PayoutAccount
    INDEXES = (Index("account", (("account_id", 1),), unique=True),)

    async def of_account(self, account_id: str) -> PayoutAccount | None:
        return await self.find_one({"account_id": account_id})
