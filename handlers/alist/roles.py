"""A-List's roles in the words of its document: an "A-List Home Pro" is a contractor."""

from server.marketplaces.alist import ADMIN, CLIENT, CONTRACTOR, CREW, SPECIALIST

CLIENTS = frozenset({CLIENT})
HOME_PROS = frozenset({CONTRACTOR})
ADMINS = frozenset({ADMIN})
EVERYONE = CLIENTS | HOME_PROS | ADMINS | {CREW, SPECIALIST}
