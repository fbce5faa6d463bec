"""The one file that opens the database client.

`together` is the unit of work: whatever stores write inside it commits at once or not at all. What sums
a transaction up (`before_commit`) runs at its end, inside; what waits for the commit (`after_commit`) runs
once it is durable.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError, ServerSelectionTimeoutError

from server.errors import Busy, Stale
from server.store.turns import Elsewhere, Held, Turns
from server.store.unit import Closing, Unit, current

log = structlog.get_logger("database")

T = TypeVar("T")
Client = AsyncIOMotorClient[Any]
SELECTION_MS = 5000
"""How long a command waits for a database that is away, which spans a restart of the embedded one."""

TRANSACTION_SECONDS = 10.0
"""A transaction that conflicts for longer than this is refused as overload."""

INDEX_CONFLICTS = (85, 86)
"""IndexOptionsConflict, IndexKeySpecsConflict: an index of that name exists with other keys or options."""

COMMIT_PAUSE_SECONDS = 0.05
NO_SUCH_TRANSACTION = 251
TRANSIENT = "TransientTransactionError"
UNKNOWN_COMMIT = "UnknownTransactionCommitResult"


@dataclass(frozen=True, slots=True)
class Index:
    """An index as a store declares it.

    sparse         : documents without the key are left out
    where          : only documents that match are in it
    expire_seconds : documents go this long after their key, a single date
    """

    name: str
    keys: tuple[tuple[str, int], ...]
    unique: bool = False
    sparse: bool = False
    where: dict[str, Any] | None = None
    expire_seconds: int | None = None

    def options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"name": self.name, "unique": self.unique, "sparse": self.sparse}
        if self.where is not None:
            options["partialFilterExpression"] = self.where
        if self.expire_seconds is not None:
            options["expireAfterSeconds"] = self.expire_seconds
        return options


def session() -> AsyncIOMotorClientSession | None:
    """Give the session of the open transaction, for stores to pass on; None outside of one."""
    unit = current.get()
    return unit.session if unit else None


def refusal_of(fault: Exception) -> Busy | None:
    """Give what a client is told when a fault means that the database is away, None for other faults."""
    return Busy("The database cannot be reached.") if isinstance(fault, ConnectionFailure) else None


class Database:
    """One marketplace's database."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        # Times are kept to the millisecond and always read back as aware UTC.
        self._database = client.get_database(name, codec_options=CodecOptions(tz_aware=True))
        self._turns = Turns()
        self.name = name

    @classmethod
    def open(cls, uri: str, name: str) -> "Database":
        """Open a database; the connection is made with the first command."""
        client: Client = AsyncIOMotorClient(
            uri, w="majority", journal=True, serverSelectionTimeoutMS=SELECTION_MS, maxPoolSize=50
        )
        return cls(client, name)

    def close(self) -> None:
        self._client.close()

    def collection(self, name: str) -> Any:
        """Give a collection; only stores ask."""
        return self._database[name]

    async def ping(self) -> None:
        """Reach the database; raises Busy when it is away."""
        try:
            await self._database.command("ping")
        except PyMongoError as away:
            raise Busy("The database cannot be reached.") from away

    async def ensure_indexes(self, declared: Iterable[tuple[str, Iterable[Index]]]) -> None:
        """Create what (collection, indexes) declare; one that was declared otherwise before is made anew.

        raises : Busy when the database is away
        """
        try:
            for name, indexes in declared:
                for index in indexes:
                    await self._ensure_index(self._database[name], index)
        except ConnectionFailure as away:
            raise Busy("The database cannot be reached.") from away

    async def _ensure_index(self, collection: Any, index: Index) -> None:
        try:
            await collection.create_index(list(index.keys), **index.options())
        except OperationFailure as other:
            if other.code not in INDEX_CONFLICTS:
                raise
            await collection.drop_index(index.name)
            await collection.create_index(list(index.keys), **index.options())

    async def together(self, work: Callable[[], Awaitable[T]], turns: Collection[str] = ()) -> T:
        """Run `work` in one transaction and give its result; inside another one it joins that.

        A conflict with another writer (the server's, or `Stale` from a revision) starts `work` afresh, so it
        reads what it decides on inside, and its effects outside the database must bear repeating. Its
        statements follow each other, never at once. A duplicate key ends the transaction on the server, so
        `work` cannot catch it and go on.

        turns  : queues of this process (`Collection.turn`) to stand in until the commit; work that joins a
                 transaction and would have to wait has that begin anew once it is its turn
        raises : what `work` raises, after undoing its writes; Busy when conflicts do not end in time, or when
                 the database is away, and also when it went away over the commit: then nobody knows
        """
        unit = current.get()
        if unit is not None:
            await unit.turns.take_free(turns)
            return await work()
        held = Held(self._turns)
        try:
            await held.queue(turns)
            async with asyncio.timeout(TRANSACTION_SECONDS):
                result, unit = await self._retrying(work, held)
        except TimeoutError as late:
            raise Busy() from late
        except ConnectionFailure as away:
            raise Busy("The database cannot be reached.") from away
        finally:
            held.give_back()
        await self._tell(unit)
        return result

    async def apart(self, turns: Sequence[str]) -> str:
        """Name one of these that no other transaction of this process has, if there is one, and keep it.

        For those who may choose where they write.
        """
        unit = current.get()
        return await unit.turns.take_one(turns) if unit else turns[0]

    def is_free(self, turns: Iterable[str]) -> bool:
        """Say whether nobody of this process stands in these queues."""
        return all(map(self._turns.is_free, turns))

    def after_commit(self, callback: Callable[[], Awaitable[None]], *, goes_first: bool = False) -> None:
        """Run a callback once the open transaction has committed; twice the same counts once.

        goes_first : it runs before the others, which may open transactions of their own
        raises     : RuntimeError outside of `together`
        """
        unit = current.get()
        if unit is None:
            raise RuntimeError("after_commit needs an open transaction")
        added = {callback: None}
        unit.callbacks = added | unit.callbacks if goes_first else unit.callbacks | added

    def before_commit(self, closing: Closing, *notes: Any, goes_last: bool = False) -> list[Any]:
        """Leave notes for `closing`, which runs once at the end of the open transaction's work.

        goes_last : it runs after those that do not, and they may change its notes
        returns   : all notes for it so far
        raises    : RuntimeError outside of `together`
        """
        unit = current.get()
        if unit is None:
            raise RuntimeError("before_commit needs an open transaction")
        left: list[Any] = (unit.last if goes_last else unit.notes).setdefault(closing, [])
        left.extend(notes)
        return left

    async def once(self, name: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Give what `ask` gives, which is asked once a transaction: for what none changes after asking.

        Outside of `together` it is asked every time.
        """
        unit = current.get()
        if unit is None:
            return await ask()
        if name not in unit.answers:
            unit.answers[name] = await ask()
        answer: T = unit.answers[name]
        return answer

    async def _tell(self, unit: Unit) -> None:
        for callback in unit.callbacks:
            try:
                await callback()
            except Exception:
                # What is committed stands: its author must not be told that it failed.
                log.exception("a callback after the commit failed")

    async def _retrying(self, work: Callable[[], Awaitable[T]], held: Held) -> tuple[T, Unit]:
        pause_seconds = 0.002
        while True:
            try:
                return await self._attempt(work, held)
            except Elsewhere as taken:
                await held.queue(taken.names)
                continue
            except Stale:
                pass
            except ServerSelectionTimeoutError:
                raise
            except PyMongoError as conflict:
                if not conflict.has_error_label(TRANSIENT):
                    raise
            await asyncio.sleep(random.uniform(0, pause_seconds))
            pause_seconds = min(pause_seconds * 2, 0.1)

    async def _attempt(self, work: Callable[[], Awaitable[T]], held: Held) -> tuple[T, Unit]:
        async with await self._client.start_session() as opened, opened.start_transaction():
            unit = Unit(opened, held)
            token = current.set(unit)
            try:
                result = await work()
                await unit.close()
            finally:
                current.reset(token)
            await self._commit(opened)
            return result, unit

    async def _commit(self, opened: AsyncIOMotorClientSession) -> None:
        """Commit; a commit whose answer was lost is asked for again, and never leads to a second attempt.

        The driver asks a second time by itself. A MongoDB remembers what it committed; the embedded database,
        started again in between, answers that there is no such transaction, committed or not.
        """
        while True:
            try:
                return await opened.commit_transaction()
            except PyMongoError as lost:
                if isinstance(lost, OperationFailure) and lost.code == NO_SUCH_TRANSACTION:
                    raise Busy("It is not known whether the change was made.") from lost
                if not lost.has_error_label(UNKNOWN_COMMIT):
                    raise
            await asyncio.sleep(COMMIT_PAUSE_SECONDS)
