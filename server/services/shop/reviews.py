"""What customers say of providers: once each, counted into the provider's rating."""

from dataclasses import replace

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
    ) -> None:
        self._meaning, self._database, self._store, self._profiles = meaning, database, store, profiles
        self._users, self._bookings, self._ids = users, bookings, ids
        self._notifications, self._showcase, self._audit = notifications, showcase, audit

    async def list(self, provider_id: int, paging: Paging) -> Listed[Review]:
        """Give one page of a provider's reviews, newest first; raises NotFound."""
        profile = await self._profile(provider_id)
        return await self._store.of_provider(provider_id, profile.review_count, paging)

    async def add(self, caller: Caller, provider_id: int, rating: int, comment: str) -> Review:
        """Review a provider, once; it is verified when they had finished a job for the caller.

        rating : 1..5
        raises : NotFound, Conflict the second time
        """
        await self._profile(provider_id)
        review_id = await self._ids.next("reviews")
        done = self._meaning.lifecycle.states_in(Phase.DONE)

        async def write() -> Review:
            profile = await self._profile(provider_id)
            if await self._store.between(provider_id, caller.user_id) is not None:
                raise Conflict("You have reviewed this professional already.")
            customer, provider = await self._user(caller.user_id), await self._user(provider_id)
            review = Review(
                id=review_id,
                provider_id=provider_id,
                customer_id=customer.id,
                customer_name=customer.name,
                number=profile.review_count + 1,
                rating=rating,
                comment=comment,
                is_verified=await self._bookings.has_between(customer.id, provider_id, done),
                created_at=clock.now(),
            )
            # Two at once meet in the profile's revision: the second starts over and goes on from the first.
            await self._count(profile, provider, rating)
            await self._store.insert(review)
            await self._audit.record(caller, None, review)
            await self._tell(review)
            self._showcase.will_look_otherwise()
            return review

        return await self._database.together(write)

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

    async def _count(self, profile: Profile, provider: User, rating: int) -> None:
        mean = (provider.rating_sum + rating) / (provider.rating_count + 1)
        after = replace(
            profile, review_count=profile.review_count + 1, rating=mean, revision=profile.revision + 1
        )
        await self._profiles.rewrite(after, profile.revision)
        await self._users.count_rating(provider.id, rating)

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
