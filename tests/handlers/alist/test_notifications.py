"""A-List's notifications over HTTP and socket."""

from datetime import timedelta

from tests.handlers.alist.documented import is_refused
from tests.handlers.alist.people import People
from tests.handlers.client import heard

PATH = "/api/notifications/"


async def test_who_was_away_finds_what_was_told(people: People) -> None:
    """The list shows what the socket told, until it is read; appointments are named by their number."""
    socket = await people.api.listen("/ws/notifications/", people.pro.token)
    made = (await people.ask()).json
    told = (await heard(socket, "notification.new"))["data"]
    listed = await people.api.get(PATH, token=people.pro.token, is_read="false")
    assert listed.json["results"] == [told]
    assert (told["type"], told["appointment_id"]) == ("appointment_requested", made["id"])
    await people.change(people.client, made["id"], status="CANCELLED")
    cancelled = (await heard(socket, "notification.new"))["data"]
    assert (cancelled["type"], cancelled["appointment_id"]) == ("appointment_cancelled", made["id"])
    assert cancelled["fee"] == "0.00"
    read = await people.api.post(f"{PATH}{told['id']}/read/", token=people.pro.token)
    assert read.status == 200
    left = await people.api.get(PATH, token=people.pro.token, is_read="false")
    assert left.json["results"] == [cancelled]


async def test_a_moved_appointment_is_told_with_its_new_time(people: People) -> None:
    """Times in notifications are spelled as times are everywhere."""
    made = (await people.ask()).json
    later = (people.day + timedelta(days=1)).isoformat()
    assert (await people.change(people.client, made["id"], appointment_date=later)).status == 200
    newest = (await people.api.get(PATH, token=people.pro.token)).json["results"][0]
    assert (newest["type"], newest["scheduled_date"]) == ("reschedule_done", f"{later}T09:00:00Z")


async def test_everybody_reads_their_own_alone(people: People) -> None:
    """Another's list is empty, another's notification a 404, for admins too."""
    await people.ask()
    [told] = (await people.api.get(PATH, token=people.pro.token)).json["results"]
    for other in (people.client, people.other_pro, people.crew, people.admin):
        assert (await people.api.get(PATH, token=other.token)).json["count"] == 0
        assert is_refused(await people.api.post(f"{PATH}{told['id']}/read/", token=other.token), 404)
    assert is_refused(await people.api.get(PATH), 401)
