"""What people do to their own accounts: prove the mail address, change the password, name and number."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from server import clock
from server.domain.entities import User
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller
from server.errors import Invalid, NotFound
from server.gateways.mail import Mail
from server.services.accounts import throttle as limits
from server.services.accounts.accounts import Accounts
from server.services.accounts.passwords import Passwords
from server.services.accounts.signing import Signer
from server.services.accounts.throttle import Throttle
from server.services.accounts.tokens import Tokens
from server.services.audit import Audit
from server.services.shop.showcase import Showcase
from server.settings import Settings
from server.store.database import Database
from server.store.users import Users

VERIFY = "verify"
LINK_LIFE = timedelta(days=3)


class OwnAccount:
    """Every change is audited; a new password ends every session."""

    def __init__(
        self,
        meaning: Marketplace,
        settings: Settings,
        database: Database,
        users: Users,
        accounts: Accounts,
        tokens: Tokens,
        signer: Signer,
        mail: Mail,
        passwords: Passwords,
        throttle: Throttle,
        showcase: Showcase,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._users = meaning, database, users
        self._accounts, self._tokens = accounts, tokens
        self._signer, self._mail, self._passwords = signer, mail, passwords
        self._throttle, self._showcase, self._audit = throttle, showcase, audit
        # Never the host that a request names: a mail leads where we are, whoever asked for it.
        self._site = f"{settings.site_url or f'http://localhost:{settings.port}'}/{meaning.name}"

    async def get(self, caller: Caller) -> User:
        """Give the caller's account."""
        user = await self._users.get(caller.user_id)
        if user is None:
            raise NotFound("User not found")
        return user

    async def change(self, caller: Caller, changes: dict[str, Any]) -> User:
        """Set fields of the caller's account, by the names of `User`, and give it."""

        async def write() -> User:
            before = await self.get(caller)
            after = replace(before, **changes)
            if changes:
                await self._users.change(before.id, changes)
                await self._audit.record(caller, before, after)
                self._showcase.will_look_otherwise()
            return after

        return await self._database.together(write)

    async def send_link(self, user: User, path: str) -> None:
        """Mail a link that proves the address; without effect once it is proven.

        path   : behind the marketplace's mount, with "{token}" and "{user_id}"
        raises : TooMany
        """
        if user.is_verified:
            return
        await self._throttle.hit(limits.CODE_DESTINATION, self._meaning.name, user.email)
        token = self._signer.sign(VERIFY, {"sub": str(user.id), "email": user.email}, clock.now() + LINK_LIFE)
        link = self._site + path.format(token=token, user_id=user.id)
        words = f"Open this link to verify your mail address; it is good for three days.\n\n{link}\n"
        await self._mail.send(user.email, "Verify your mail address", words)

    async def verify(self, user_id: int, token: str) -> None:
        """Note that an address is proven, however often; raises Invalid for a link that does not fit."""
        claims = self._signer.unsign(VERIFY, token) or {}
        user = await self._users.get(user_id)
        if user is None or (claims.get("sub"), claims.get("email")) != (str(user.id), user.email):
            raise Invalid({"token": ["The link is invalid or has expired."]}, "Invalid verification link")
        if not user.is_verified:
            await self._accounts.mark_verified(user)

    async def change_password(self, caller: Caller, old: str, new: str) -> None:
        """Set another password and end every session; raises Invalid (old_password), TooMany."""
        user = await self.get(caller)
        account = f"{self._meaning.name}:{user.email}"
        await self._throttle.hit(limits.FAILED_ACCOUNT, account)
        if not await self._passwords.verify(user.password_hash, old):
            raise Invalid({"old_password": ["The password is wrong."]})
        await self._throttle.forgive(limits.FAILED_ACCOUNT, account)
        after = replace(user, password_hash=await self._passwords.hash(new))

        async def write() -> None:
            await self._users.change(user.id, {"password_hash": after.password_hash})
            await self._audit.record(caller, user, after, "change password")

        await self._database.together(write)
        await self._tokens.revoke_all(user.id)
