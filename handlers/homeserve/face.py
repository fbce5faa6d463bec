"""HomeServe Pro's face: all rows together."""

from handlers.homeserve import (
    addresses,
    applications,
    auth,
    availability,
    bookings,
    disputes,
    earnings,
    media,
    notifications,
    payments,
    photos,
    pricing,
    scheduling,
    services,
    signatures,
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
    photos,
    signatures,
    payments,
    earnings,
    disputes,
    applications,
    notifications,
    media,
)

HOMESERVE_FACE = Face(
    marketplace=HOMESERVE,
    routes=tuple(route for subject in SUBJECTS for route in subject.ROUTES),
    errors=wire.ERRORS,
    read_token=wire.read_token,
    unexpected=wire.unexpected,
    sockets=sockets.SOCKETS,
)
