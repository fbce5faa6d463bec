"""Where providers were last."""

from datetime import datetime

from server.domain.positions import Position
from server.errors import Conflict
from server.store.collection import Collection
from server.store.database import Index


class Positions(Collection[Position]):
    """One a booking, while its visit is at hand: the database itself forgets what nobody has removed."""

    NAME = "positions"
    ENTITY = Position
    INDEXES = (Index("end", (("forget_at", 1),), expire_seconds=0),)

    async def put(self, position: Position, seen: datetime | None) -> bool:
        """Keep a position in place of the one of `seen`, or as the first; of several at once one is kept."""
        if seen is not None:
            values = {name: value for name, value in self.dump(position).items() if name != "_id"}
            return await self.change(position.id, values, where={"at": seen})
        try:
            await self.insert(position)
        except Conflict:
            return False
        return True
