"""A-List's face: all rows together."""

from handlers.alist import (
    addresses,
    appointments,
    availability,
    categories,
    media,
    messaging,
    notifications,
    payments,
    portfolio,
    profiles,
    reviews,
    sockets,
    users,
    wire,
)
from handlers.reading import bearer
from handlers.route import Face
from server.marketplaces.alist import ALIST

SUBJECTS = (
    users,
    addresses,
    profiles,
    categories,
    portfolio,
    reviews,
    messaging,
    appointments,
    availability,
    payments,
    notifications,
    media,
)

ALIST_FACE = Face(
    marketplace=ALIST,
    routes=tuple(route for subject in SUBJECTS for route in subject.ROUTES),
    errors=wire.ERRORS,
    read_token=bearer,
    unexpected=wire.unexpected,
    title="A-List Home Professionals",
    about="Clients find professionals, talk to them, book appointments and pay; all in one place.",
    sockets=sockets.SOCKETS,
    aliases={"/api/swagger": "/docs", "/api/redoc": "/redoc", "/api/openapi.json": "/openapi.json"},
)
