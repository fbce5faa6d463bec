"""What requests leave in the audit."""

from tests.handlers.homeserve.scene import Scene


async def test_a_booking_is_followed(scene: Scene) -> None:
    """Creating and accepting a booking over HTTP leaves two entries that name who did it and from where."""
    booking = (await scene.book()).json
    await scene.api.post(f"/api/bookings/{booking['id']}/accept_booking/", token=scene.vendor.token)
    kept = await scene.api.market.stores.changes.find({"subject": "Booking"}, sort=(("_id", 1),))
    assert [(entry.action, entry.user_id) for entry in kept] == [
        ("create", scene.customer.id),
        ("update", scene.vendor.id),
    ]
    assert (kept[1].old["state"], kept[1].new["state"]) == ("pending", "confirmed")
    assert {entry.address for entry in kept} == {"127.0.0.1"}
