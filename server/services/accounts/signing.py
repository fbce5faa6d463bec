"""Signed claims: what we hand out and recognise again, without keeping it."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import jwt

ALGORITHM = "HS256"


class Signer:
    """Signs for one marketplace. A kind of claim never stands for another: the audience holds both names."""

    def __init__(self, secret: str, marketplace: str) -> None:
        self._secret, self._marketplace = secret, marketplace
        self._key_id = sha256(secret.encode()).hexdigest()[:8]

    def sign(self, kind: str, claims: Mapping[str, Any], expires_at: datetime) -> str:
        """Give a token of these claims that is good until `expires_at`."""
        payload = {**claims, "aud": f"{self._marketplace}/{kind}", "exp": int(expires_at.timestamp())}
        return jwt.encode(payload, self._secret, ALGORITHM, headers={"kid": self._key_id})

    def unsign(self, kind: str, token: str) -> dict[str, Any] | None:
        """Give the claims of a token of this kind, None when it is forged, expired or of another kind."""
        try:
            return jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=f"{self._marketplace}/{kind}",
                # Another process's clock may be a little ahead; what we signed is no less ours for that.
                options={"require": ["exp", "aud"], "verify_iat": False},
            )
        except (jwt.PyJWTError, ValueError):
            return None
