"""Signing in and up: by password, by code, and for staff by staff."""

import re
from dataclasses import dataclass, replace

from server import clock
from server.domain.entities import User
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller
from server.errors import BadCredentials, Conflict, Invalid, Taken
from server.gateways.mail import Mail
from server.gateways.sms import Sms
from server.places.table import Places
from server.services.accounts import throttle as limits
from server.services.accounts.codes import Codes
from server.services.accounts.passwords import Passwords
from server.services.accounts.throttle import Throttle
from server.services.accounts.tokens import Pair, Tokens
from server.services.audit import Audit
from server.settings import SettingsError
from server.store.database import Database
from server.store.ids import Ids
from server.store.users import Users

SIGN_IN = "sign-in"
ADMINISTRATOR = "admin"
"""The first administrator's name; nobody else is given it."""
PHONE_DOMAIN = "@phone.invalid"
"""Stands in for the mail address of somebody who signed up by phone; no mail ever goes there (RFC 2606)."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user with new tokens."""

    user: User
    tokens: Pair


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is made of."""

    username: str
    email: str
    password: str | None
    role: str
    phone: str | None = None
    pincode: str | None = None
    first_name: str = ""
    last_name: str = ""
    is_verified: bool = False
    contact_phone: str | None = None


class Accounts:
    """Makes and opens accounts; never tells whether one exists."""

    def __init__(
        self,
        meaning: Marketplace,
        users: Users,
        ids: Ids,
        places: Places,
        tokens: Tokens,
        codes: Codes,
        mail: Mail,
        sms: Sms,
        passwords: Passwords,
        throttle: Throttle,
        audit: Audit,
        database: Database,
    ) -> None:
        self._meaning, self._users, self._ids, self._places = meaning, users, ids, places
        self._tokens, self._codes, self._mail, self._sms = tokens, codes, mail, sms
        self._passwords, self._throttle = passwords, throttle
        self._audit, self._database = audit, database

    async def sign_in(self, username: str, password: str, address: str) -> SignedIn:
        """Open a session by name (or mail address, as the marketplace has it) and password.

        raises : BadCredentials, TooMany
        """
        account = f"{self._meaning.name}:{username.lower()}"
        await self._throttle.hit_from(limits.SIGN_IN_ADDRESS, self._meaning.name, address)
        # Counted before the password is looked at, so that guesses sent all at once are counted too.
        await self._throttle.hit(limits.FAILED_ACCOUNT, account)
        by_email = self._meaning.signs_in_by_email
        user = await (self._users.with_email(username) if by_email else self._users.named(username))
        right = await self._passwords.verify(user.password_hash if user else None, password)
        if user is None or not right or not user.is_active:
            raise BadCredentials()
        await self._throttle.forgive(limits.FAILED_ACCOUNT, account)
        if user.password_hash and self._passwords.needs_rehash(user.password_hash):
            user = await self._rehash(user, password)
        tokens = await self._tokens.issue(user)
        # A password that was changed meanwhile ended the sessions that there were, and not yet this one.
        after = await self._users.get(user.id)
        if after is None or not after.is_active or after.password_hash != user.password_hash:
            await self._tokens.revoke(tokens.session_id)
            raise BadCredentials()
        return SignedIn(user, tokens)

    async def register(self, wanted: NewAccount, address: str) -> SignedIn:
        """Make an account of a role that is open to everybody.

        raises : Taken naming what is, Invalid (role), UnknownPincode, TooMany
        """
        await self._throttle.hit_from(limits.REGISTER_ADDRESS, self._meaning.name, address)
        if wanted.email.lower().endswith(PHONE_DOMAIN):
            raise Invalid({"email": ["Enter an address that takes mail."]})
        if not self._meaning.may_register(wanted.role):
            raise Invalid({"role": [f'"{wanted.role}" is not a valid choice.']})
        user = await self.make(wanted)
        return SignedIn(user, await self._tokens.issue(user))

    async def refresh(self, token: str) -> Pair:
        """Give new tokens; raises TokenInvalid."""
        return await self._tokens.refresh(token)

    async def sign_out(self, caller: Caller) -> None:
        """End the caller's session."""
        await self._tokens.revoke(caller.session_id)

    async def send_code(self, to: str, by_sms: bool, address: str, *, role: str | None = None) -> None:
        """Send a sign-in code; with a role only to accounts of it, which is not told. Raises TooMany.

        A code is made for strangers too, so that the time taken does not tell either.
        """
        await self._throttle.hit_from(limits.CODE_ADDRESS, self._meaning.name, address)
        await self._throttle.hit(limits.CODE_DESTINATION, self._meaning.name, to)
        user = await self._reached(to)
        code = await self._codes.make(self._purpose(role), to)
        if role is None or (user is not None and user.role == role):
            courier = self._sms if by_sms else self._mail
            await courier.send(to, "Your sign-in code", f"Your code is {code}. It is good for 10 minutes.")

    async def sign_in_by_code(self, to: str, code: str, address: str, *, role: str | None = None) -> SignedIn:
        """Open a session with a code; a new address becomes a customer's unless a role is demanded.

        raises : Invalid for a code that does not fit, TooMany
        """
        await self._throttle.hit_from(limits.CODE_TRY_ADDRESS, self._meaning.name, address)
        await self._codes.verify(self._purpose(role), to, code)
        user = await self._reached(to)
        if user is None and role is None:
            user = await self._newcomer(to)
        if user is None or not user.is_active or (role is not None and user.role != role):
            raise BadCredentials()
        if not user.is_verified:
            user = await self.mark_verified(user)
        return SignedIn(user, await self._tokens.issue(user))

    async def make(self, wanted: NewAccount, maker: Caller | None = None) -> User:
        """Make an account of any role; raises Taken naming what is, UnknownPincode.

        maker : who makes it for somebody else; None: it was asked for by its owner
        """
        if wanted.pincode is not None:
            self._places.get(wanted.pincode)
        await self._check_free(wanted)
        hashed = await self._passwords.hash(wanted.password) if wanted.password else None
        user = User(
            id=await self._ids.next("users"),
            username=wanted.username,
            email=wanted.email,
            role=wanted.role,
            created_at=clock.now(),
            password_hash=hashed,
            first_name=wanted.first_name,
            last_name=wanted.last_name,
            phone=wanted.phone,
            pincode=wanted.pincode,
            is_verified=wanted.is_verified,
            contact_phone=wanted.contact_phone,
        )

        async def write() -> None:
            await self._users.insert(user)
            await self._audit.record(maker, None, user)

        try:
            await self._database.together(write)
        except Conflict as taken:
            await self._check_free(wanted)
            raise Taken({"username": ["This name has just been taken."]}) from taken
        return user

    async def mark_verified(self, user: User) -> User:
        """Give the user whose address has proved itself."""
        after = replace(user, is_verified=True)

        async def write() -> None:
            await self._users.change(user.id, {"is_verified": True})
            await self._audit.record(None, user, after, "verify")

        await self._database.together(write)
        return after

    async def ensure_administrator(self, email: str | None, password: str | None) -> None:
        """Make the first administrator unless there is one; raises SettingsError for a taken address."""
        if email is None or password is None or await self._users.named(ADMINISTRATOR):
            return
        role = sorted(self._meaning.staff_makers)[0]
        try:
            await self.make(NewAccount(ADMINISTRATOR, email, password, role, is_verified=True))
        except Invalid as taken:
            if await self._users.named(ADMINISTRATOR) is None:
                raise SettingsError(f"ADMIN_EMAIL: {taken.message}") from taken
            # Another process that started with this one was first.

    async def _rehash(self, user: User, password: str) -> User:
        """Give the user with a hash of today's strength, unless the password was changed meanwhile."""
        known, fresh = user.password_hash, await self._passwords.hash(password)
        if await self._users.change(user.id, {"password_hash": fresh}, where={"password_hash": known}):
            return replace(user, password_hash=fresh)
        return user

    async def _check_free(self, wanted: NewAccount) -> None:
        """Raise Taken naming everything that is."""
        if await self._taken(wanted):
            # An account may have been made between two look-ups of the first look; the second sees all of it.
            raise Taken(await self._taken(wanted))

    async def _taken(self, wanted: NewAccount) -> dict[str, list[str]]:
        looks = {
            "username": wanted.username != wanted.email
            and await self._is_taken(wanted.username, wanted.role),
            "email": await self._users.with_email(wanted.email) is not None,
            "phone": bool(wanted.phone) and await self._users.with_phone(wanted.phone or "") is not None,
        }
        return {name: [f"A user with that {name} already exists."] for name, taken in looks.items() if taken}

    async def _reached(self, to: str) -> User | None:
        return await (self._users.with_email(to) if "@" in to else self._users.with_phone(to))

    async def _is_taken(self, username: str, role: str) -> bool:
        is_kept = username.lower() == ADMINISTRATOR and role not in self._meaning.staff_makers
        return is_kept or await self._users.named(username) is not None

    async def _newcomer(self, to: str) -> User:
        """Give a customer's account for an address that proved itself; of several at once one makes it."""
        by_phone = "@" not in to
        email, phone = (f"{to.lstrip('+')}{PHONE_DOMAIN}", to) if by_phone else (to, None)
        role = self._meaning.customer_role
        while True:
            username = await self._free_name(to, role)
            try:
                return await self.make(NewAccount(username, email, None, role, phone=phone, is_verified=True))
            except Invalid as taken:
                made = await self._reached(to)
                if made is not None:
                    return made
                if taken.fields.keys() != {"username"}:
                    raise

    async def _free_name(self, to: str, role: str) -> str:
        """Give a name made of an address's local part, numbered when that is taken."""
        local = re.sub(r"[^a-z0-9._-]", "", to.partition("@")[0].lower())[:30] or "user"
        username = local
        while await self._is_taken(username, role):
            username = f"{local}{await self._ids.next('usernames')}"
        return username

    def _purpose(self, role: str | None) -> str:
        return f"{SIGN_IN}:{role or 'any'}"
