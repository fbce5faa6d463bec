"""The audit: entries are added and read, never changed."""

from server.domain.changes import Change
from server.store.collection import Collection
from server.store.database import Index


class Changes(Collection[Change]):
    """Every change anybody made."""

    NAME = "changes"
    ENTITY = Change
    INDEXES = (
        Index("date", (("date", 1),)),
        Index("user", (("user_id", 1), ("date", 1))),
        Index("subject", (("subject", 1), ("subject_id", 1))),
    )

    async def of_subject(self, subject: str, subject_id: str) -> list[Change]:
        """Give every change of one thing, oldest first."""
        return await self.find({"subject": subject, "subject_id": subject_id}, sort=(("_id", 1),))
