"""Making an applicant a provider who can be booked at once."""

from dataclasses import replace

from server import clock
from server.domain.applications import Application
from server.domain.entities import Shift, User
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller
from server.errors import Conflict, NotFound
from server.services.accounts.tokens import Tokens
from server.services.audit import Audit
from server.services.prices.demand import Demand
from server.store.database import Database
from server.store.ids import Ids
from server.store.shifts import Shifts
from server.store.users import Users

WEEKDAYS = range(1, 7)
START_MINUTE, END_MINUTE = 9 * 60, 18 * 60
"""Monday to Saturday, nine to six, until the provider says otherwise."""


class Onboarding:
    """Call inside the transaction that approves."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        users: Users,
        shifts: Shifts,
        ids: Ids,
        tokens: Tokens,
        demand: Demand,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._users, self._shifts = meaning, database, users, shifts
        self._ids, self._tokens, self._demand, self._audit = ids, tokens, demand, audit

    async def admit(self, caller: Caller, application: Application) -> None:
        """Give the applicant the role, the skills and usual hours; tokens of their old role end.

        raises : Conflict when the phone they named is another account's
        """
        user = await self._users.get(application.applicant_id)
        if user is None:
            raise NotFound("User not found")
        after = replace(
            user,
            role=self._meaning.provider_role,
            skills=tuple(sorted({*user.skills, *application.service_ids})),
            is_available=True,
            pincode=application.base_pincode or user.pincode,
            phone=user.phone or application.phone,
        )
        owner = await self._users.with_phone(after.phone) if after.phone else None
        if owner is not None and owner.id != user.id:
            raise Conflict("The phone number belongs to another account.")
        names = ("role", "skills", "is_available", "pincode", "phone")
        await self._users.change(user.id, {name: getattr(after, name) for name in names})
        await self._audit.record(caller, user, after)
        for weekday in WEEKDAYS:
            if await self._shifts.of(user.id, weekday) is None:
                shift = await self._shift(after, application, weekday)
                await self._shifts.insert(shift)
                await self._audit.record(caller, None, shift)
        self._database.after_commit(self._demand.changed)
        if user.role != after.role:

            async def end_old_sessions() -> None:
                await self._tokens.revoke_all(user.id)

            self._database.after_commit(end_old_sessions)

    async def _shift(self, user: User, application: Application, weekday: int) -> Shift:
        now, base = clock.now(), application.base_pincode or ""
        return Shift(
            id=await self._ids.next("shifts"),
            provider_id=user.id,
            provider_name=user.name,
            weekday=weekday,
            start_minute=START_MINUTE,
            end_minute=END_MINUTE,
            base_pincode=base,
            area_pincodes=tuple(dict.fromkeys((base, *application.area_pincodes))),
            buffer_minutes=self._meaning.buffer_minutes,
            created_at=now,
            updated_at=now,
        )
