"""Every marketplace that is served, by name: its face, which carries its meaning."""

from handlers.alist.face import ALIST_FACE
from handlers.homeserve.face import HOMESERVE_FACE
from handlers.route import Face

FACES: tuple[Face, ...] = (HOMESERVE_FACE, ALIST_FACE)
