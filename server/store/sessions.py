"""Sign-ins."""

from datetime import datetime

from server.domain.entities import Session
from server.store.collection import Collection
from server.store.database import Index


class Sessions(Collection[Session]):
    """Kept until they could not be refreshed any more; the database removes them then."""

    NAME = "sessions"
    ENTITY = Session
    INDEXES = (
        Index("user", (("user_id", 1),)),
        Index("expiry", (("expires_at", 1),), expire_seconds=0),
    )

    async def of_user(self, user_id: int) -> list[Session]:
        return await self.find({"user_id": user_id, "revoked_at": None})

    async def revoke(self, session_id: str, at: datetime) -> None:
        await self.change(session_id, {"revoked_at": at}, where={"revoked_at": None})

    async def rotate(self, session_id: str, used: str, fresh: str) -> bool:
        """Replace the refresh token that is good; false when `used` is not the one any more."""
        return await self.change(
            session_id, {"refresh_id": fresh}, where={"refresh_id": used, "revoked_at": None}
        )
