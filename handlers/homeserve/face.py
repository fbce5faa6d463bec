"""HomeServe Pro's face: all rows together."""

from handlers.homeserve import (
    addresses,
    auth,
    availability,
    bookings,
    notifications,
    pricing,
    scheduling,
    services,
    sockets,
    travel,
    users,
    vendors,
    wire,
)
from handlers.route import Face
from server.marketplaces.homeserve import HOMESERVE

SUBJECTS = (
    auth,
    users,
    services,
    addresses,
    availability,
    vendors,
    pricing,
    scheduling,
    travel,
    bookings,
    notifications,
)

HOMESERVE_FACE = Face(
    marketplace=HOMESERVE,
    routes=tuple(route for subject in SUBJECTS for route in subject.ROUTES),
    errors=wire.ERRORS,
    read_token=wire.read_token,
    unexpected=wire.unexpected,
    sockets=sockets.SOCKETS,
)
