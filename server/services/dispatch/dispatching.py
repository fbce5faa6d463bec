"""Dispatches: asked for by staff, planned by a job, looked at, and applied as a whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from uuid import uuid4

from pydantic import TypeAdapter

from engine.fleet.planning import plan_of, solve
from engine.fleet.problem import FleetPlan, FleetProblem
from server import clock
from server.domain.dispatch import OPEN, Dispatch, DispatchPolicy, DispatchState
from server.domain.events import DISPATCH_PROGRESS, Event, dispatch_topic
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller
from server.domain.tasks import Progress, Task, TaskState
from server.errors import Conflict, NotFound
from server.places.table import Places
from server.pools import Pools
from server.realtime.outbox import Outbox
from server.services.audit import Audit
from server.services.dispatch.dispatch_world import DispatchWorld, World
from server.services.time.scheduling import Scheduling
from server.store.database import Database
from server.store.dispatches import Dispatches
from server.store.tasks import Tasks

JOB = "dispatch"
ROUNDS = 5
"""A search is cut into so many: between two, progress is told and a cancellation is heard."""


@dataclass(frozen=True, slots=True)
class DispatchWish:
    """What to plan."""

    date: Date
    pincodes: Sequence[str]
    policy: DispatchPolicy


class Dispatching:
    """Plans; `dispatch_applying.py` carries plans out."""

    def __init__(
        self,
        database: Database,
        dispatches: Dispatches,
        tasks: Tasks,
        world: DispatchWorld,
        scheduling: Scheduling,
        places: Places,
        pools: Pools,
        outbox: Outbox,
        audit: Audit,
    ) -> None:
        self._database, self._dispatches, self._tasks = database, dispatches, tasks
        self._world, self._scheduling, self._places = world, scheduling, places
        self._pools, self._outbox, self._audit = pools, outbox, audit

    async def request(self, caller: Caller, wish: DispatchWish) -> Dispatch:
        """Have a day planned; a worker begins within a second or two.

        raises : Invalid (date), UnknownPincode, Conflict while another dispatch plans one of the pincodes
        """
        self._scheduling.check_day("date", wish.date)
        for pincode in wish.pincodes:
            self._places.get(pincode)
        now = clock.now()
        asked = Dispatch(
            str(uuid4()),
            wish.date.isoformat(),
            tuple(sorted(set(wish.pincodes))),
            wish.policy,
            DispatchState.QUEUED,
            caller.user_id,
            now,
            now,
        )

        async def write() -> None:
            for other in await self._dispatches.of_date(asked.date, sorted(OPEN)):
                shared = set(other.pincodes) & set(asked.pincodes)
                if shared and (await self._seen(other)).state in OPEN:
                    raise Conflict(f"Dispatch {other.id} is planning {', '.join(sorted(shared))} already.")
            await self._dispatches.insert(asked)
            await self._tasks.insert(Task(asked.id, JOB, TaskState.QUEUED, caller.user_id, now, due_at=now))
            await self._audit.record(caller, None, asked)
            await self.announce(asked)

        await self._database.together(write)
        return asked

    async def get(self, dispatch_id: str) -> Dispatch:
        """Give a dispatch as it stands; raises NotFound."""
        found = await self._dispatches.get(dispatch_id)
        if found is None:
            raise NotFound("Dispatch not found")
        return await self._seen(found)

    async def listed(
        self, date: Date | None, state: DispatchState | None, paging: Paging
    ) -> Listed[Dispatch]:
        """Give dispatches, newest first."""
        return await self._dispatches.listed(date.isoformat() if date else None, state, paging)

    async def cancel(self, caller: Caller, dispatch_id: str) -> Dispatch:
        """End a dispatch that is not applied; its search stops at the end of its round.

        raises : NotFound, Conflict once it is applied or over
        """

        async def write() -> Dispatch:
            found = await self.get(dispatch_id)
            if found.state is DispatchState.CANCELLED:
                return found
            if found.state not in {*OPEN, DispatchState.PROPOSED}:
                raise Conflict(f"The dispatch is {found.state} already.")
            after = await self._rewrite(found, state=DispatchState.CANCELLED)
            await self._audit.record(caller, found, after, "cancel")
            return after

        return await self._database.together(write)

    async def plan(self, dispatch_id: str, progress: Progress) -> str:
        """Search in rounds, each from the last one's plan, and write the proposal; the job's work."""
        found = await self._step(dispatch_id, state=DispatchState.PLANNING, progress=0.0)
        if found is None:
            return "cancelled"
        world = await self._world.read(found)
        plan, seconds = plan_of(world.problem, world.current), found.policy.budget_seconds / ROUNDS
        for done in range(1, ROUNDS + 1):
            if world.problem.jobs and world.problem.vendors:
                plan = await self._pools.process(_search, world.problem, plan, seconds)
            await progress(done, ROUNDS)
            found = await self._step(dispatch_id, progress=done / ROUNDS, cost=plan.cost)
            if found is None:
                return "cancelled"
        await self._propose(found, world, plan)
        return f"{len(world.bookings)} bookings, {len(plan.dropped)} without a provider"

    async def _propose(self, found: Dispatch, world: World, plan: FleetPlan) -> None:
        routes = self._world.routes(world, plan)
        await self._step(
            found.id,
            state=DispatchState.PROPOSED,
            bookings=len(world.bookings),
            providers=len(world.providers),
            routes=routes,
            left_out=self._world.left_out(world, plan),
            travel_minutes=sum(route.travel_minutes for route in routes),
            old_travel_minutes=sum(route.old_travel_minutes for route in routes),
        )

    async def _step(self, dispatch_id: str, **changes: object) -> Dispatch | None:
        """Write how far planning is; None when somebody has ended it."""

        async def write() -> Dispatch | None:
            found = await self._dispatches.get(dispatch_id)
            if found is None or found.state not in OPEN:
                return None
            return await self._rewrite(found, **changes)

        return await self._database.together(write)

    async def _rewrite(self, found: Dispatch, **changes: object) -> Dispatch:
        after = replace(found, **changes, updated_at=clock.now(), revision=found.revision + 1)  # type: ignore[arg-type]
        await self._dispatches.rewrite(after, found.revision)
        await self.announce(after)
        return after

    async def announce(self, dispatch: Dispatch) -> None:
        """Tell staff how a dispatch stands, in the transaction that writes it; its routes they fetch."""
        value = _DISPATCH.dump_python(replace(dispatch, routes=()), mode="json")
        facts = {"dispatch_id": dispatch.id, "value": value}
        await self._outbox.add(Event(DISPATCH_PROGRESS, (dispatch_topic(),), facts, dispatch.updated_at))

    async def give_up(self, task: Task) -> None:
        """Note that a dispatch's task has failed for good; without effect once the dispatch is over."""

        async def write() -> None:
            found = await self._dispatches.get(task.id)
            if found is not None and found.state in OPEN:
                await self._rewrite(found, state=DispatchState.FAILED, error=task.error)

        await self._database.together(write)

    async def _seen(self, found: Dispatch) -> Dispatch:
        """Give it as failed when its task is: a worker that was killed writes nothing here."""
        if found.state not in OPEN:
            return found
        task = await self._tasks.get(found.id)
        if task is not None and task.state is not TaskState.FAILED:
            return found
        return replace(found, state=DispatchState.FAILED, error=task.error if task else "lost")


def _search(problem: FleetProblem, known: FleetPlan, seconds: float) -> FleetPlan:
    """One round; runs in another process."""
    start = [route.jobs for route in known.routes]
    return solve(problem, budget_seconds=seconds, start=start)


_DISPATCH = TypeAdapter(Dispatch)


def dispatch_in(event: Event) -> Dispatch:
    """Give the dispatch that an event tells, without its routes."""
    return _DISPATCH.validate_python(event.data["value"])
