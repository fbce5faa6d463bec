"""The day: price, search, slots, booking, rings, acceptance, route, completion, signature, payment.

It leaves its bookings behind, so each run looks for a day on which the vendor is still free.
"""

import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from walkthrough.client import Client, Surprise, Timings
from walkthrough.tables import ZONE, local, route_table, table, timing_table

PINCODE, FURTHER = "110001", "110003"
PASSWORD = "password123"  # noqa: S105 - the demo accounts' published password
LAST_DAY_AHEAD = 55


def check(true: bool, promise: str) -> None:
    """Raise Surprise when a promise of the document is not kept."""
    if not true:
        raise Surprise(promise)


def say(text: str) -> None:
    print(text, flush=True)


def whole_day(moment: str) -> dict[str, str]:
    """Give the arrival window of somebody who is at home all day."""
    day = datetime.fromisoformat(moment).astimezone(ZONE).date()
    return {"start": f"{day}T09:00:00+05:30", "end": f"{day}T18:00:00+05:30"}


class Story:
    """One run against one server."""

    def __init__(self, base_url: str) -> None:
        self.timings = Timings()
        self.base_url = base_url
        self.customer, self.second, self.third, self.vendor, self.admin = (
            Client(base_url, self.timings, name)
            for name in ("customer1", "customer2", "customer3", "vendor1", "ops1")
        )

    async def play(self) -> None:
        """Play the day; raises Surprise at the first thing that is not as promised."""
        await self.sign_in()
        service = await self.find_service()
        await self.price(service)
        await self.rank(service)
        day, slots = await self.find_day(service)
        booking = await self.book_and_accept(service, slots)
        await self.refuse_the_taken_slot(service, booking)
        await self.fill_the_day(service, day)
        await self.drive(day)
        await self.complete(booking)
        await self.sign_off(booking)
        await self.administer(booking)
        say("\nEverything was as documented.\n\n" + timing_table(self.timings))

    async def sign_in(self) -> None:
        for client in (self.customer, self.second, self.third, self.vendor, self.admin):
            await client.sign_in(PASSWORD)
        roles = [client.user["role"] for client in (self.customer, self.vendor, self.admin)]
        check(roles == ["customer", "vendor", "ops_manager"], f"roles are {roles}")
        say("Signed in: customer1, customer2, customer3, vendor1 and ops1.")

    async def find_service(self) -> dict[str, Any]:
        services = (await self.customer.get("/api/services/", category="Appliance"))["results"]
        service: dict[str, Any] = next(one for one in services if one["name"] == "AC Repair")
        check(bool(re.fullmatch(r"\d+\.\d\d", service["base_price"])), "base_price has two decimals")
        minutes = service["duration_minutes"]
        say(f"The service: {service['name']}, from Rs {service['base_price']}, {minutes} minutes.")
        return service

    async def price(self, service: dict[str, Any]) -> None:
        """A price now, its factors, and the coming week's."""
        arguments = {"service_id": service["id"], "pincode": PINCODE}
        pricing = (await self.customer.get("/api/dynamic-pricing/", **arguments))["pricing"]
        product = 1.0
        for factor in pricing["factors"].values():
            product *= factor
        surge = pricing["surge_multiplier"]
        check(abs(product - surge) < 0.0051 or surge in (0.9, 2.0), "surge is the product of its factors")
        check(
            abs(pricing["base_price"] * surge - pricing["final_price"]) < 0.0051,
            "final_price is base_price times surge_multiplier",
        )
        say(
            f"Price at {PINCODE} now: Rs {pricing['final_price']:.2f} ({surge} x, {pricing['demand_level']})."
        )
        week = (await self.customer.post("/api/dynamic-pricing/", **arguments, days=7))["predictions"]
        check(len(week) == 7, "seven days are predicted")
        say("The coming week:")
        rows = [
            (d["date"], f"Rs {d['predicted_price']:.2f}", d["demand_level"], d["confidence"]) for d in week
        ]
        say(table(("day", "price", "demand", "confidence"), rows))

    async def rank(self, service: dict[str, Any]) -> None:
        found = await self.customer.get("/api/vendor-search/", pincode=PINCODE, service_id=service["id"])
        check(found["total_vendors"] == len(found["vendors"]) > 0, "total_vendors counts the vendors")
        check(
            any(one["id"] == self.vendor.user["id"] for one in found["vendors"]), "vendor1 serves the pincode"
        )
        say(f"{found['total_vendors']} vendors serve {PINCODE} (demand index {found['demand_index']}):")
        rows = [
            (
                one["name"],
                one["rating"],
                one["total_jobs"],
                f"{one['travel_time']} min",
                f"{one['distance_km']} km",
            )
            for one in found["vendors"][:5]
        ]
        say(table(("vendor", "rating", "jobs", "travel", "distance"), rows))

    async def find_day(self, service: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        """The next day on which vendor1 has nothing to do yet."""
        today = datetime.now(ZONE).date()
        for ahead in range(1, LAST_DAY_AHEAD):
            day = (today + timedelta(days=ahead)).isoformat()
            asked = {
                "vendor_id": self.vendor.user["id"],
                "service_id": service["id"],
                "customer_pincode": PINCODE,
                "preferred_date": day,
            }
            found = await self.customer.get("/api/smart-scheduling/", **asked)
            slots: list[dict[str, Any]] = found["available_slots"]
            check(found["total_slots"] == len(slots), "total_slots counts the slots")
            busy = await self.vendor.get("/api/bookings/", scheduled_date=day)
            if slots and not any(one["vendor"] == self.vendor.user["id"] for one in busy["results"]):
                best = (await self.customer.post("/api/smart-scheduling/", **asked))["optimal_slot"]
                check(
                    best["score"] == max(slot["score"] for slot in slots), "the best slot has the best score"
                )
                say(f"{day}: vendor1 has {len(slots)} free slots; best at {local(best['recommended_time'])}")
                say(f"    because: {best['reasoning']}.")
                rows = [(local(s["start_time"]), local(s["end_time"]), s["score"]) for s in slots[:6]]
                say(table(("from", "free again", "score"), rows))
                return day, slots
        raise Surprise("vendor1 has no empty day left; start with a new DATA_DIR")

    async def book_and_accept(self, service: dict[str, Any], slots: list[dict[str, Any]]) -> dict[str, Any]:
        """Book with the quoted price; the vendor's socket rings, then the customer's."""
        slot = slots[len(slots) // 2]
        quoted = await self.customer.get(
            "/api/dynamic-pricing/",
            service_id=service["id"],
            pincode=PINCODE,
            scheduled_datetime=slot["start_time"],
        )
        vendor_bell = await self.vendor.listen(f"/ws/notifications/{self.vendor.user['id']}/")
        customer_bell = await self.customer.listen(f"/ws/notifications/{self.customer.user['id']}/")
        booking: dict[str, Any] = await self.customer.post(
            "/api/bookings/",
            201,
            service=service["id"],
            pincode=PINCODE,
            scheduled_date=slot["start_time"],
            customer_notes="Please arrive on time",
            vendor=self.vendor.user["id"],
            quote_id=quoted["quote_id"],
            arrival_window=whole_day(slot["start_time"]),
        )
        check(booking["status"] == "pending", "a new booking is pending")
        check(
            float(booking["total_price"]) == quoted["pricing"]["final_price"],
            "the price quoted is the price booked",
        )
        say(f"customer1 booked {local(slot['start_time'])} for Rs {booking['total_price']}, as quoted.")
        rung = await vendor_bell.ring("booking_request", booking_id=booking["id"])
        say(f"vendor1's socket rang: {rung['message']}.")
        watch = await self.customer.listen(f"/ws/bookings/{booking['id']}/")
        accepted = await self.vendor.post(f"/api/bookings/{booking['id']}/accept_booking/")
        check(accepted == {"message": "Booking accepted successfully"}, "the documented acceptance")
        facts = {"booking_id": booking["id"], "old_status": "pending", "new_status": "confirmed"}
        await watch.ring("booking_status_change", **facts)
        await customer_bell.ring("booking_status_change", **facts)
        say("vendor1 accepted; both of customer1's sockets rang.")
        for socket in (vendor_bell, customer_bell, watch):
            socket.close()
        return booking

    async def refuse_the_taken_slot(self, service: dict[str, Any], booking: dict[str, Any]) -> None:
        refusal = await self.second.post(
            "/api/bookings/",
            409,
            service=service["id"],
            pincode=PINCODE,
            scheduled_date=booking["scheduled_date"],
            vendor=self.vendor.user["id"],
        )
        check(bool(refusal["alternatives"]), "a refusal names alternatives")
        await self.second.get(f"/api/bookings/{booking['id']}/", 404)
        say(f"customer2 wanted the same time: refused, {len(refusal['alternatives'])} alternatives named.")

    async def fill_the_day(self, service: dict[str, Any], day: str) -> None:
        """Two more customers, neighbours of each other, before and after the first: a zigzag to optimise."""
        for client, choice in ((self.second, 0), (self.third, -1)):
            found = await client.get(
                "/api/smart-scheduling/",
                vendor_id=self.vendor.user["id"],
                service_id=service["id"],
                customer_pincode=FURTHER,
                preferred_date=day,
            )
            slots = found["available_slots"]
            if not slots:
                continue
            taken = await client.post(
                "/api/bookings/",
                201,
                service=service["id"],
                pincode=FURTHER,
                scheduled_date=slots[choice]["start_time"],
                vendor=self.vendor.user["id"],
                arrival_window=whole_day(slots[choice]["start_time"]),
            )
            await self.vendor.post(f"/api/bookings/{taken['id']}/accept_booking/")
            begins = local(slots[choice]["start_time"])
            say(f"{client.name} booked {begins} at {FURTHER}; vendor1 accepted.")

    async def drive(self, day: str) -> None:
        """The day's route, then the bookings moved to it."""
        plan = await self.vendor.get("/api/vendor-optimization/", date=day)
        check(plan["is_proven_optimal"], "a day of a few stops is proven optimal")
        saved = plan["total_travel_time_minutes"] - plan["optimized_travel_time_minutes"]
        claimed = sum(one["potential_savings_minutes"] for one in plan["suggestions"])
        check(claimed == max(saved, 0), "the claimed saving is what the route saves")
        travel = plan["optimized_travel_time_minutes"]
        say(f"vendor1's best route: {travel} minutes of travel, {saved} saved:")
        say(route_table(plan["route"]))
        applied = await self.vendor.post("/api/vendor-optimization/", date=day, apply=True)
        check(applied["applied"], "the route is applied")
        booked = {
            one["id"]: one["scheduled_date"]
            for one in (await self.vendor.get("/api/bookings/", scheduled_date=day))["results"]
        }
        check(
            all(booked[stop["booking_id"]] == stop["start"] for stop in applied["route"]),
            "applying moves every booking to its stop's start",
        )
        say("The bookings were moved to it.")

    async def complete(self, booking: dict[str, Any]) -> None:
        path = f"/api/bookings/{booking['id']}/"
        await self.vendor.call("PATCH", path, 200, {"status": "in_progress", "vendor_notes": "On site"})
        done = await self.vendor.post(f"{path}complete_booking/")
        intent = done["payment_intent"]
        check(
            intent["amount"] == round(float(booking["total_price"]) * 100), "the amount is the booked price"
        )
        check(intent["status"] == "requires_payment_method", "the payment waits for the customer's method")
        say(f"vendor1 completed it: payment intent {intent['id'][:16]}... over {intent['amount']} paise.")

    async def sign_off(self, booking: dict[str, Any]) -> None:
        """The customer signs, which pays; the vendor earns; anybody can check the signature."""
        bell = await self.customer.listen(f"/ws/notifications/{self.customer.user['id']}/")
        asked = await self.vendor.post(f"/api/bookings/{booking['id']}/request_signature/")
        rung = await bell.ring("signature_request", signature_id=asked["signature_id"])
        bell.close()
        say(f"customer1's socket rang: {rung['message']}.")
        path = f"/api/signatures/{asked['signature_id']}/"
        signed = await self.customer.post(f"{path}sign/", satisfaction_rating=5, comments="Excellent")
        checked = await self.vendor.get(f"{path}verify/")
        digest = sha256(checked["record"].encode()).hexdigest()
        check(digest == signed["signature_hash"], "the signature's record hashes to its hash")
        paid = (await self.customer.get("/api/payments/", booking=booking["id"]))["results"][0]
        check(paid["amount"] == booking["total_price"], "the price booked is the price paid")
        say(f"customer1 signed with 5 stars: payment over Rs {paid['amount']} is {paid['status']}.")
        answer = await self.vendor.post(
            "/api/chat/query/",
            user_id=self.vendor.user["id"],
            role="vendor",
            message="How much have I earned?",
        )
        say(f"vendor1 asked the assistant. {answer['response'].splitlines()[0]}")

    async def administer(self, booking: dict[str, Any]) -> None:
        vendors = await self.admin.get("/api/users/", role="vendor")
        completed = await self.admin.get("/api/bookings/", status="completed", pincode=PINCODE)
        check(completed["count"] >= 1, "the admin sees the completed booking")
        await self.customer.get("/api/users/", 403)
        say(f"ops1 sees {vendors['count']} vendors and {completed['count']} completed bookings at {PINCODE}.")


async def play(base_url: str) -> int:
    """Play the day and give the exit status: 0 when everything was as promised."""
    try:
        await Story(base_url).play()
    except Surprise as surprise:
        say(f"\nNot as documented: {surprise}")
        return 1
    except (OSError, TimeoutError) as away:
        say(f"\nNo answer from {base_url}: {away or type(away).__name__}")
        return 2
    return 0
