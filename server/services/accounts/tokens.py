"""Access and refresh tokens, and the sessions behind them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from server import clock
from server.domain.entities import Session, User
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller
from server.errors import TokenInvalid
from server.realtime.bus import Bus
from server.services.accounts.signing import Signer
from server.services.memory import Memory
from server.store.sessions import Sessions
from server.store.users import Users

ACCESS, REFRESH = "access", "refresh"
REMEMBERED_TOKENS = 50_000
TRUST = timedelta(seconds=60)
"""How long a verified token is believed without looking at its session again, should a message be missed."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What a sign-in gives."""

    access: str
    refresh: str
    session_id: str


class Tokens:
    """Issues and verifies. Verified tokens are remembered, so that most requests check no signature."""

    def __init__(
        self,
        meaning: Marketplace,
        sessions: Sessions,
        users: Users,
        signer: Signer,
        bus: Bus,
        *,
        access_minutes: int,
        refresh_days: int,
    ) -> None:
        self._meaning, self._sessions, self._users = meaning, sessions, users
        self._signer, self._bus = signer, bus
        self._access_life = timedelta(minutes=access_minutes)
        self._refresh_life = timedelta(days=refresh_days)
        self.memory: Memory[str, tuple[Caller, datetime]] = Memory(REMEMBERED_TOKENS)
        self._listeners: list[Callable[[str], None]] = []
        self._ended = 0
        self._channel = f"revoked:{meaning.name}"
        bus.subscribe(self._channel, lambda payload: self._forget(payload.decode()))

    def known(self, token: str) -> Caller | None:
        """Give the caller of a token that was verified lately, None when `verify` must be asked."""
        found = self.memory.get(token)
        if found is None or clock.now() >= found[1]:
            return None
        return found[0]

    async def verify(self, token: str) -> Caller:
        """Give the caller of an access token; raises TokenInvalid."""
        claims = self._signer.unsign(ACCESS, token)
        if claims is None:
            raise TokenInvalid()
        ended = self._ended
        session = await self._sessions.get(claims["sid"])
        user = await self._users.get(session.user_id) if session else None
        if session is None or session.revoked_at is not None or user is None or not user.is_active:
            raise TokenInvalid()
        now = clock.now()
        expires_at = datetime.fromtimestamp(claims["exp"], tz=now.tzinfo)
        caller = Caller(user.id, user.role, self._meaning.roles[user.role], session.id, expires_at)
        if ended != self._ended:
            # It may be this very session that ended since we read it.
            return caller
        self.memory.put(token, (caller, min(expires_at, now + TRUST)))
        return caller

    async def issue(self, user: User) -> Pair:
        """Open a session for a user."""
        now = clock.now()
        session = Session(token_hex(12), user.id, now, now + self._refresh_life, token_hex(8))
        await self._sessions.insert(session)
        return self._pair(user, session)

    async def refresh(self, token: str) -> Pair:
        """Give new tokens for a refresh token; where refresh rotates, the old one is used up.

        raises : TokenInvalid; a refresh token that is shown a second time ends its session
        """
        claims = self._signer.unsign(REFRESH, token)
        session = await self._sessions.get(claims["sid"]) if claims else None
        user = await self._users.get(session.user_id) if session else None
        if claims is None or session is None or session.revoked_at or user is None or not user.is_active:
            raise TokenInvalid()
        if not self._meaning.rotates_refresh:
            return Pair(self._access(user, session), token, session.id)
        fresh = token_hex(8)
        if not await self._sessions.rotate(session.id, claims["jti"], fresh):
            await self.revoke(session.id)
            raise TokenInvalid()
        rotated = Session(session.id, user.id, session.created_at, session.expires_at, fresh)
        return self._pair(user, rotated)

    async def revoke(self, session_id: str) -> None:
        """End a session: its tokens are refused and its sockets close, in every process."""
        await self._sessions.revoke(session_id, clock.now())
        self._forget(session_id)
        await self._bus.tell(self._channel, session_id.encode())

    async def revoke_all(self, user_id: int) -> None:
        """End every session of a user."""
        for session in await self._sessions.of_user(user_id):
            await self.revoke(session.id)

    def on_revoked(self, listener: Callable[[str], None]) -> None:
        """Have `listener` called with the id of every session that ends."""
        self._listeners.append(listener)

    def _pair(self, user: User, session: Session) -> Pair:
        claims = {"sub": str(user.id), "sid": session.id, "jti": session.refresh_id, "iat": clock.now()}
        refresh = self._signer.sign(REFRESH, claims, session.expires_at)
        return Pair(self._access(user, session), refresh, session.id)

    def _access(self, user: User, session: Session) -> str:
        now = clock.now()
        expires_at = min(now + self._access_life, session.expires_at)
        claims = {
            "sub": str(user.id),
            "sid": session.id,
            "jti": token_hex(8),
            "role": user.role,
            "iat": now,
        }
        return self._signer.sign(ACCESS, claims, expires_at)

    def _forget(self, session_id: str) -> None:
        self._ended += 1
        for token, (caller, _) in self.memory.items():
            if caller.session_id == session_id:
                self.memory.forget(token)
        for listener in self._listeners:
            listener(session_id)
