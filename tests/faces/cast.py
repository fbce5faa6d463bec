"""What the shared suite has to know of a marketplace: its people, and how they do what all of them can do."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Self

from handlers.route import PLACEHOLDER, Face, Route, SocketRoute
from server.domain.parties import Party
from tests.faces.folding import History
from tests.handlers.client import Account, Api, Reply
from tests.handlers.homeserve.changing import Travel

PASSWORD = "correct horse battery"
UUID = "550e8400-e29b-41d4-a716-446655440000"
NOBODY = "999999"
SAMPLES = {"uuid": UUID, "key": "photos/2024/01/15/a.jpg", "int": NOBODY}
"""What stands for a placeholder in a path where it does not matter what is there: nothing is."""


class Cast(ABC):
    """One marketplace, served, with somebody of each role; a subclass a face.

    people   : one account a role
    customer : asks `provider` for their time, `other` would like to as well; `staff` may see all of it
    """

    face: ClassVar[Face]
    fixtures: ClassVar[Path]
    """Where the documented examples are: a file a call."""

    sign_up: ClassVar[str]
    sign_in: ClassVar[str]
    refresh: ClassVar[str]
    sign_out: ClassVar[str]
    bookings: ClassVar[str]
    """Paths: of the last, POST asks for a booking and GET lists them."""
    asked: ClassVar[str]
    changed: ClassVar[str]
    """What a provider's socket calls a request, and what everybody's calls a change of a booking."""

    api: Api
    people: dict[str, Account]
    other: Account
    narrowed: Mapping[str, str]
    """A filter of the list of bookings that lets every new one through."""

    @classmethod
    @abstractmethod
    async def build(cls, api: Api) -> Self:
        """Fill an empty marketplace."""

    @abstractmethod
    async def person(self, role: str) -> Account:
        """Give somebody new of a role, who is ready to work if they provide."""

    @abstractmethod
    def wish(self, which: int = 0) -> dict[str, Any]:
        """Give the body that asks the provider for a time; numbers below 3 are times apart."""

    @abstractmethod
    async def agree(self, booking: Any) -> Reply:
        """Have the provider agree to a booking that was asked for."""

    @abstractmethod
    def news(self, account: Account) -> str:
        """Give the path of the socket on which somebody hears of their bookings."""

    @abstractmethod
    def subject(self, message: Any) -> Any:
        """Give the id of the booking that a socket's message is about."""

    @abstractmethod
    async def history(self, rng: Random, travel: Travel) -> History:
        """Begin what people do with each other at random."""

    @abstractmethod
    def is_refusal(self, reply: Reply) -> bool:
        """Say whether an answer has the body of this face's errors."""

    @abstractmethod
    def newcomer(self, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give the bodies that sign somebody up, and in again, with PASSWORD."""

    def tokens(self, signed_up: Any) -> Mapping[str, str]:
        """Give `access` and `refresh` of the answer to signing up."""
        return dict(signed_up)

    @property
    def customer(self) -> Account:
        return self.people[self.face.marketplace.customer_role]

    @property
    def provider(self) -> Account:
        return self.people[self.face.marketplace.provider_role]

    @property
    def staff(self) -> Account:
        return self.people[min(self.face.marketplace.user_managers)]

    def may(self, row: Route | SocketRoute) -> str:
        """Give the role that a row is most for: customers' before providers', these before staff's."""
        roles, order = self.face.marketplace.roles, list(Party)
        return min(sorted(row.roles), key=lambda role: order.index(roles[role]))

    async def ask(self, who: Account | None = None, which: int = 0, key: str | None = None) -> Reply:
        """Ask the provider for a time, with an Idempotency-Key if one is given."""
        headers = {"Idempotency-Key": key} if key else None
        token = (who or self.customer).token
        return await self.api.post(self.bookings, json=self.wish(which), token=token, headers=headers)


def filled(path: str) -> str:
    """Give a path with something plausible in its placeholders."""
    return PLACEHOLDER.sub(lambda match: SAMPLES.get(match[2], "1"), path)
