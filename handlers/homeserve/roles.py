""" "Admin" in HomeServe's document is an ops manager or a super admin."""

from server.marketplaces.homeserve import CUSTOMER, ONBOARD_MANAGER, OPS_MANAGER, SUPER_ADMIN, VENDOR

CUSTOMERS = frozenset({CUSTOMER})
VENDORS = frozenset({VENDOR})
ADMINS = frozenset({OPS_MANAGER, SUPER_ADMIN})
SUPER_ADMINS = frozenset({SUPER_ADMIN})
ONBOARDERS = frozenset({ONBOARD_MANAGER, SUPER_ADMIN})
BOOKING_ROLES = CUSTOMERS | VENDORS | ADMINS
EVERYONE = BOOKING_ROLES | {ONBOARD_MANAGER}
