"""One-time codes: six digits, ten minutes, five tries, once."""

import hmac
from datetime import timedelta
from hashlib import sha256
from secrets import randbelow

from server import clock
from server.errors import Invalid
from server.store.codes import Code
from server.store.codes import Codes as CodeStore

LIFE = timedelta(minutes=10)
TRIES = 5


class Codes:
    """Makes codes and checks them; only a keyed digest is kept."""

    def __init__(self, store: CodeStore, secret: str) -> None:
        self._store, self._secret = store, secret.encode()

    async def make(self, purpose: str, to: str) -> str:
        """Give a new code for a destination and purpose, which voids the one before."""
        code = f"{randbelow(1_000_000):06d}"
        id = f"{purpose}:{to}"
        await self._store.put(Code(id, self._digest(id, code), clock.now() + LIFE, TRIES))
        return code

    async def verify(self, purpose: str, to: str, code: str) -> None:
        """Use a code up; raises Invalid, the same for a wrong, used, expired or never sent one."""
        id = f"{purpose}:{to}"
        found = await self._store.spend_try(id, clock.now())
        digest = self._digest(id, code)
        right = found is not None and hmac.compare_digest(found.digest, digest)
        if not right or not await self._store.use(id, digest):
            raise Invalid({"otp": ["The code is wrong or has expired."]}, "Invalid or expired OTP")

    def _digest(self, id: str, code: str) -> str:
        return hmac.new(self._secret, f"{id}:{code}".encode(), sha256).hexdigest()
