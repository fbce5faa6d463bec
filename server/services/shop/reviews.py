"""What customers say of providers: one word each, counted into the provider's rating."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from server import clock
from server.domain.entities import User
from server.domain.lifecycle import Phase
from server.domain.marketplace import Marketplace
from server.domain.notifications import Kind
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller
from server.domain.profiles import Profile
from server.domain.reviews import Review
from server.errors import Conflict, NotFound
from server.services.accounts.throttle import REVIEWS_USER, Throttle
from server.services.audit import Audit
from server.services.shop.showcase import Showcase
from server.services.talk.notifications import Notifications
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.ids import Ids
from server.store.profiles import Profiles
from server.store.reviews import Reviews as ReviewStore
from server.store.users import Users


class Reviews:
    """A review, the provider's rating and the news of it are one transaction."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        store: ReviewStore,
        profiles: Profiles,
        users: Users,
        bookings: BookingStore,
        ids: Ids,
        notifications: Notifications,
        showcase: Showcase,
        audit: Audit,
        throttle: Throttle,
    ) -> None:
        self._meaning, self._database, self._store, self._profiles = meaning, database, store, profiles
        self._users, self._bookings, self._ids = users, bookings, ids
        self._notifications, self._showcase, self._audit = notifications, showcase, audit
        self._throttle = throttle

    async def list(self, provider_id: int, paging: Paging) -> Listed[Review]:
        """Give one page of a provider's reviews, newest first; raises NotFound."""
        profile = await self._profile(provider_id)
        return await self._store.of_provider(profile, paging)

    async def get(self, provider_id: int, review_id: int) -> Review:
        """Give one of a provider's reviews; raises NotFound."""
        review = await self._store.get(review_id)
        if review is None or review.provider_id != provider_id:
            raise NotFound("Review not found")
        return review

    async def add(self, caller: Caller, provider_id: int, rating: int, comment: str) -> Review:
        """Review a provider, once; it is verified when they had finished a job for the caller.

        rating : 1..5
        raises : NotFound, Conflict the second time, TooMany
        """
        await self._profile(provider_id)
        await self._throttle.hit(REVIEWS_USER, self._meaning.name, str(caller.user_id))
        review_id = await self._ids.next("reviews")
        done = self._meaning.lifecycle.states_in(Phase.DONE)

        async def write() -> Review:
            profile = await self._profile(provider_id)
            if await self._store.between(provider_id, caller.user_id) is not None:
                raise Conflict("You have reviewed this professional already.")
            customer = await self._user(caller.user_id)
            review = Review(
                id=review_id,
                provider_id=provider_id,
                customer_id=customer.id,
                customer_name=customer.name,
                number=profile.last_review + 1,
                rating=rating,
                comment=comment,
                is_verified=await self._bookings.has_between(customer.id, provider_id, done),
                created_at=clock.now(),
            )
            longer = replace(profile, review_count=profile.review_count + 1)
            await self._count(profile, longer, rating, 1)
            await self._store.insert(review)
            await self._audit.record(caller, None, review)
            await self._tell(review)
            self._showcase.will_look_otherwise()
            return review

        return await self._database.together(write, [self._profiles.turn(provider_id)])

    async def change(
        self, caller: Caller, provider_id: int, review_id: int, values: Mapping[str, Any]
    ) -> Review:
        """Set rating or comment of the caller's own review, and give it; raises NotFound."""

        async def write() -> Review:
            before = await self._own(caller, provider_id, review_id)
            after = replace(before, **values)
            if after != before:
                profile = await self._profile(provider_id)
                await self._count(profile, profile, after.rating - before.rating, 0)
                await self._store.change(review_id, values)
                await self._audit.record(caller, before, after)
                self._showcase.will_look_otherwise()
            return after

        return await self._database.together(write, [self._profiles.turn(provider_id)])

    async def remove(self, caller: Caller, provider_id: int, review_id: int) -> None:
        """Take back a review of the caller's, or for staff anybody's; raises NotFound."""

        async def write() -> None:
            review = await self._own(caller, provider_id, review_id)
            profile = await self._profile(provider_id)
            await self._count(profile, profile.without_review(review.number), -review.rating, -1)
            await self._store.delete(review_id)
            await self._audit.record(caller, review, None)
            self._showcase.will_look_otherwise()

        await self._database.together(write, [self._profiles.turn(provider_id)])

    async def verify(self, caller: Caller, provider_id: int, customer_id: int) -> None:
        """Note in its transaction that a provider finished a job for a customer, who may have said it before.

        A review that is written at the same time meets this in the provider's account, where both count.
        """
        review = await self._store.between(provider_id, customer_id)
        if review is None or review.is_verified:
            return
        await self._store.change(review.id, {"is_verified": True})
        await self._audit.record(caller, review, replace(review, is_verified=True))
        self._showcase.will_look_otherwise()

    async def _own(self, caller: Caller, provider_id: int, review_id: int) -> Review:
        review = await self.get(provider_id, review_id)
        if not (caller.is_staff or review.customer_id == caller.user_id):
            raise NotFound("Review not found")
        return review

    async def _count(self, before: Profile, after: Profile, rating: int, count: int) -> None:
        """Add to a provider's rating, and write the profile that changes with it.

        Two at once meet in the profile's revision: the second starts over and goes on from the first.
        """
        provider = await self._user(before.id)
        total = provider.rating_count + count
        mean = (provider.rating_sum + rating) / total if total else 0.0
        await self._profiles.rewrite(
            replace(after, rating=mean, revision=before.revision + 1), before.revision
        )
        await self._users.count_rating(provider.id, rating, count)

    async def _tell(self, review: Review) -> None:
        message = f"{review.customer_name} gave you {review.rating} of 5"
        facts = {
            "review_id": review.id,
            "customer_id": review.customer_id,
            "customer_name": review.customer_name,
            "rating": review.rating,
            "comment": review.comment,
            "is_verified": review.is_verified,
        }
        await self._notifications.notify([review.provider_id], Kind.REVIEW_RECEIVED, message, facts)

    async def _profile(self, provider_id: int) -> Profile:
        profile = await self._profiles.get(provider_id)
        if profile is None:
            raise NotFound("Profile not found")
        return profile

    async def _user(self, user_id: int) -> User:
        user = await self._users.get(user_id)
        if user is None:
            raise NotFound("User not found")
        return user
