"""How new bookings and payments are named."""

from uuid import uuid4

from server.domain.marketplace import Marketplace
from server.store.ids import Ids


class NewIds:
    """UUIDs, or numbers, as the marketplace has it; text either way."""

    def __init__(self, meaning: Marketplace, ids: Ids) -> None:
        self._meaning, self._ids = meaning, ids

    async def of(self, sequence: str) -> str:
        """Give an id that nothing of this sequence ("bookings") had before."""
        return str(await self._ids.next(sequence)) if self._meaning.numbers_ids else str(uuid4())
