"""The demo's pictures."""

from dataclasses import replace

from server.demo.drawing import HEIGHT, WIDTH, Drawing, draw
from server.services.files.images import encode

DRAWING = Drawing("Bathroom Renovation", (62, 114, 170), 10)


def test_a_drawing_is_always_the_same_picture() -> None:
    """Equal drawings have equal pixels; another number or caption is another picture."""
    pixels = draw(DRAWING).tobytes()
    assert draw(DRAWING).tobytes() == pixels
    assert draw(replace(DRAWING, number=11)).tobytes() != pixels
    assert draw(replace(DRAWING, caption="Deck")).tobytes() != pixels


def test_pictures_are_small() -> None:
    """A demo of a hundred pictures takes two megabytes at most; the thumbnail is no larger."""
    image = draw(DRAWING)
    assert (image.mode, image.size) == ("RGB", (WIDTH, HEIGHT))
    encoded = encode(image)
    assert len(encoded.thumbnail) <= len(encoded.image) < 20_000
