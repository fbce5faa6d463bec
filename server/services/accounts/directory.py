"""Who is who."""

from server.domain.entities import User
from server.domain.marketplace import Marketplace
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller
from server.errors import Invalid, NotFound
from server.places.table import Places
from server.store.users import UserFilter, Users


class Directory:
    """People see themselves; the marketplace's user managers see everybody."""

    def __init__(self, meaning: Marketplace, users: Users, places: Places) -> None:
        self._meaning, self._users, self._places = meaning, users, places

    async def list(self, narrowed: UserFilter, paging: Paging) -> Listed[User]:
        """Give one page of the accounts, by id; raises Invalid for an unknown role, UnknownPincode."""
        if narrowed.role is not None and narrowed.role not in self._meaning.roles:
            raise Invalid({"role": [f'"{narrowed.role}" is not a valid choice.']})
        if narrowed.pincode is not None:
            self._places.get(narrowed.pincode)
        return await self._users.listed(narrowed, paging)

    async def get(self, caller: Caller, user_id: int) -> User:
        """Give an account the caller may see; raises NotFound."""
        user = await self._users.get(user_id)
        if user is None or (user_id != caller.user_id and caller.role not in self._meaning.user_managers):
            raise NotFound("User not found")
        return user
