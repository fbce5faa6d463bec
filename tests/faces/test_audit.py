"""The audit: whatever changes leaves an entry that says who did it and from where, and repeats no secret."""

from dataclasses import asdict

from server.domain.changes import Change
from tests.faces.cast import PASSWORD, Cast
from tests.handlers.client import Account


async def entries(cast: Cast, **query: object) -> list[Change]:
    """Give what was noted, oldest first."""
    return await cast.api.market.stores.changes.find(query, sort=(("_id", 1),))


async def test_a_booking_is_followed(cast: Cast) -> None:
    """Asking and agreeing are two entries, each with its user and address; the second has both states."""
    booking = (await cast.ask()).json
    await cast.agree(booking)
    kept = await entries(cast, subject="Booking")
    assert [(entry.action, entry.user_id, entry.subject_id) for entry in kept] == [
        ("create", cast.customer.id, str(booking["id"])),
        ("update", cast.provider.id, str(booking["id"])),
    ]
    lifecycle = cast.face.marketplace.lifecycle
    assert kept[1].old["state"] == lifecycle.start != kept[1].new["state"]
    assert {entry.address for entry in kept} == {"127.0.0.1"}


async def test_what_was_refused_leaves_nothing(cast: Cast) -> None:
    """A booking for a time that is held, and one with a key that was used, are not noted."""
    await cast.ask(key="tap")
    before = await entries(cast)
    assert (await cast.ask(cast.other)).status == 409
    assert (await cast.ask(key="tap")).status == 201
    assert (await cast.ask(which=1, key="tap")).status == 409
    assert await entries(cast) == before


async def test_no_entry_repeats_a_secret(cast: Cast) -> None:
    """Nor does any name a password, its hash or a token; a new account is noted all the same."""
    told = cast.tokens((await cast.api.post(cast.sign_up, json=cast.newcomer("nell")[0])).json)
    again = (await cast.api.post(cast.sign_in, json=cast.newcomer("nell")[1])).json
    fresh = (await cast.api.post(cast.refresh, json={"refresh": told["refresh"]})).json
    caller = await cast.api.market.tokens.verify(told["access"])
    await cast.ask(Account(caller.user_id, told["access"], ""))
    await cast.api.post(cast.sign_out, token=told["access"])
    user = await cast.api.market.stores.users.get(caller.user_id)
    assert user is not None and user.password_hash is not None
    tokens = {given[one] for given in (told, again, fresh) for one in ("access", "refresh") if one in given}
    noted = await entries(cast)
    assert ("User", "create", str(user.id)) in {(one.subject, one.action, one.subject_id) for one in noted}
    said = str([asdict(entry) for entry in noted])
    assert [secret for secret in (PASSWORD, user.password_hash, *tokens) if secret in said] == []
