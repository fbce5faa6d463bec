"""Fitted speeds."""

from server.domain.traffic import CitySpeeds
from server.store.collection import Collection
from server.store.database import session


class Speeds(Collection[CitySpeeds]):
    """One row a city: the latest fit. Earlier ones are in the audit."""

    NAME = "speeds"
    ENTITY = CitySpeeds

    async def all(self) -> list[CitySpeeds]:
        return await self.find({}, sort=(("_id", 1),))

    async def put(self, speeds: CitySpeeds) -> None:
        document = self.dump(speeds)
        await self._motor.replace_one({"_id": document["_id"]}, document, upsert=True, session=session())
