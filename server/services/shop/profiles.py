"""Providers' business profiles: made once, changed by their owner alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from server import clock
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller
from server.domain.profiles import Profile
from server.errors import Conflict, Invalid, NotFound
from server.services.accounts.throttle import NEW_WORDS_USER, Throttle
from server.services.audit import Audit
from server.services.files.uploads import Uploads
from server.services.prices.demand import Demand
from server.services.shop.catalogue import Catalogue
from server.services.shop.showcase import Card, Showcase
from server.store.database import Database
from server.store.payout_accounts import PayoutAccounts
from server.store.profile_words import FoundBy, ProfileWords, Vocabulary
from server.store.profiles import Profiles as ProfileStore
from server.store.users import Users

FOLDER = "profiles"
USUAL: Mapping[str, Any] = {
    "description": "",
    "years_of_experience": 0,
    "license_number": "",
    "insurance_info": "",
    "service_radius": 0,
    "service_ids": (),
}


class Profiles:
    """The user carries copies of the business' name and services, written with the profile."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        store: ProfileStore,
        words: ProfileWords,
        vocabulary: Vocabulary,
        users: Users,
        accounts: PayoutAccounts,
        catalogue: Catalogue,
        uploads: Uploads,
        showcase: Showcase,
        demand: Demand,
        throttle: Throttle,
        audit: Audit,
    ) -> None:
        self._meaning, self._throttle = meaning, throttle
        self._database, self._store, self._users = database, store, users
        self._words, self._vocabulary = words, vocabulary
        self._catalogue, self._uploads, self._showcase = catalogue, uploads, showcase
        self._accounts, self._demand, self._audit = accounts, demand, audit

    async def create(self, caller: Caller, values: Mapping[str, Any], image: Path | None = None) -> Card:
        """Make the caller's profile.

        values : fields of Profile by name, `business_name` at least
        raises : Conflict when there is one, Invalid (service_ids, profile_image), TooMany, Busy
        """
        await self._check_none(caller)
        known = await self._checked(values)
        key = await self._keep(caller, image)
        now = clock.now()
        profile = Profile(
            id=caller.user_id, created_at=now, updated_at=now, image_key=key, **{**USUAL, **known}
        )

        async def write() -> None:
            await self._check_none(caller)
            made = replace(profile, is_onboarded=await self._can_be_paid(caller.user_id))
            try:
                await self._store.insert(made)
            except Conflict as taken:  # by another call of the same moment
                raise _exists() from taken
            await self._follow(caller, None, made)

        await self._database.together(write)
        return await self._showcase.get(profile.id)

    async def update(
        self,
        caller: Caller,
        values: Mapping[str, Any],
        image: Path | None = None,
        *,
        removes_image: bool = False,
    ) -> Card:
        """Change the caller's profile: what `values` and `image` do not name stays.

        raises : NotFound when there is none, Invalid (service_ids, profile_image), TooMany, Busy
        """
        await self._own(caller)
        known = await self._checked(values)
        key = await self._keep(caller, image)

        async def write() -> None:
            before = await self._own(caller)
            kept = None if removes_image else before.image_key
            after = replace(
                before,
                **known,
                image_key=key or kept,
                updated_at=clock.now(),
                revision=before.revision + 1,
            )
            await self._store.rewrite(after, before.revision)
            await self._follow(caller, before, after)
            if before.image_key is not None and before.image_key != after.image_key:
                await self._uploads.forget(before.image_key)

        await self._database.together(write, [self._store.turn(caller.user_id)])
        return await self._showcase.get(caller.user_id)

    async def set_onboarded(self, provider_id: int, is_onboarded: bool) -> None:
        """Note whether a provider can be paid, in the transaction of what decided it.

        Who has no profile yet makes it with what is known by then.
        """

        async def write() -> None:
            before = await self._store.get(provider_id)
            if before is None or before.is_onboarded == is_onboarded:
                return
            after = replace(before, is_onboarded=is_onboarded, revision=before.revision + 1)
            await self._store.rewrite(after, before.revision)
            await self._audit.record(None, before, after)
            self._showcase.will_change()

        await self._database.together(write)

    async def follow_service(self, caller: Caller, service_id: int) -> None:
        """Have the profiles that offer a service found and told of as it is now.

        Each is a transaction of its own; what a crash leaves out is found anew with its owner's next change.
        """
        for each in await self._store.find({"service_ids": service_id}):

            async def write(id: int = each.id) -> None:
                profile = await self._store.get(id)
                if profile is not None:
                    # A change of the profile at the same time meets this in its revision.
                    await self._store.touch(profile)
                    await self._find_by(caller, profile)
                    self._audit.mention(profile, profile)

            await self._database.together(write, [self._store.turn(each.id)])

    async def _learn(self, caller: Caller, words: Sequence[str]) -> None:
        """Have searches know these words; raises TooMany when the caller makes up too many of them."""
        unknown = await self._vocabulary.unknown(words)
        if unknown:
            await self._throttle.hit(
                NEW_WORDS_USER, self._meaning.name, str(caller.user_id), cost=len(unknown)
            )
            await self._vocabulary.learn(unknown)

    async def _can_be_paid(self, provider_id: int) -> bool:
        """Say how the provider's account stands, in the transaction that makes the profile."""
        account = await self._accounts.get(provider_id)
        if account is None:
            return False
        # News about the account that come at the same time start over, and find the profile.
        await self._accounts.rewrite(replace(account, revision=account.revision + 1), account.revision)
        return account.state.is_complete

    async def _follow(self, caller: Caller, before: Profile | None, after: Profile) -> None:
        """Write what hangs on a profile that was written."""
        await self._find_by(caller, after)
        copies = {"trade_name": after.business_name, "skills": after.service_ids}
        await self._users.change(after.id, copies)
        await self._audit.record(caller, before, after)
        self._database.after_commit(self._demand.changed)

    async def _find_by(self, caller: Caller, profile: Profile) -> None:
        """Write the words that a profile is found by; raises TooMany."""
        services = await self._catalogue.named(profile.service_ids)
        words = profile.words(one.name for one in services.values())
        await self._learn(caller, words)
        await self._words.put(FoundBy(profile.id, words))
        self._showcase.will_change()

    async def _checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give the values with each service once; raises Invalid naming services that there are not."""
        ids = tuple(dict.fromkeys(values.get("service_ids", ())))
        known = await self._catalogue.named(ids)
        missing = [id for id in ids if id not in known]
        if missing:
            raise Invalid({"service_ids": [f"There is no service {id}." for id in missing]})
        return {**values, "service_ids": ids} if "service_ids" in values else dict(values)

    async def _keep(self, caller: Caller, image: Path | None) -> str | None:
        """Keep an image, when there is one, and give its key."""
        if image is None:
            return None
        return (await self._uploads.image(caller, FOLDER, image, "profile_image")).key

    async def _check_none(self, caller: Caller) -> None:
        if await self._store.get(caller.user_id) is not None:
            raise _exists()

    async def _own(self, caller: Caller) -> Profile:
        kept = await self._store.get(caller.user_id)
        if kept is None:
            raise NotFound("You have no profile yet.")
        return kept


def _exists() -> Conflict:
    return Conflict("You have a profile already.")
