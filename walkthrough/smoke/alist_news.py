"""Notifications: what the professional was told of a request and of a review."""

from walkthrough.smoke.alist_cast import Cast, listed
from walkthrough.smoke.checking import Checks
from walkthrough.smoke.shapes import MOMENT

NEWS = "/api/notifications/"
TOLD = {"id": str, "type": str, "message": str, "is_read": bool, "created_at": MOMENT}


async def play(checks: Checks, cast: Cast) -> None:
    """The list shows what the socket told; reading is noted, and is the reader's alone."""
    pro = cast.pro
    unread = f"{NEWS}?is_read=false"
    news = await checks.expect(pro, "GET", unread, shape=listed({**TOLD, "is_read": False}))
    kinds = {one["type"] for one in news.json["results"]}
    wanted = {"appointment_requested", "review_received"}
    checks.check(pro.name, f"told of {' and '.join(sorted(wanted))}", wanted <= kinds)
    one = f"{NEWS}{news.json['results'][0]['id']}/read/"
    await checks.expect(cast.of("contractor"), "POST", one, 404, {})
    await checks.expect(pro, "POST", one, 200, {}, shape={"message": str})
    fewer = {**listed(TOLD), "count": news.json["count"] - 1}
    await checks.expect(pro, "GET", unread, shape=fewer)
    await checks.expect(pro, "GET", f"{NEWS}?is_read=perhaps", 400, field="is_read")
