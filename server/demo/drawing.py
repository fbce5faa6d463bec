"""Pictures that stand in for photographs: a house, a sky, and what was done there."""

from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 384, 256
GROUND = 200
HOUSE_LEFT, HOUSE_RIGHT, EAVES = 104, 280, 112
HORIZON = (250, 235, 215)

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a picture shows; two that are equal are the same picture.

    caption : written below the house, some 30 characters
    colour  : of walls and ground, red, green and blue 0..255
    number  : seeds what differs between pictures of one colour
    """

    caption: str
    colour: Colour
    number: int


def draw(drawing: Drawing) -> Image.Image:
    """Give the picture in RGB; the same drawing gives the same pixels."""
    rng = Random(drawing.number)
    image = Image.new("RGB", (WIDTH, HEIGHT), _shade(drawing.colour, 0.55))
    image.paste(_sky(rng))
    pen = ImageDraw.Draw(image)
    _house(pen, rng, drawing.colour)
    font = ImageFont.load_default(22)
    pen.text((WIDTH / 2, (GROUND + HEIGHT) / 2), drawing.caption, fill="white", font=font, anchor="mm")
    return image


def _sky(rng: Random) -> Image.Image:
    """Give the sky, paler towards the horizon, with the sun or moon."""
    top = (rng.randint(60, 150), rng.randint(120, 190), rng.randint(190, 240))
    size = (WIDTH, GROUND)
    paleness = Image.linear_gradient("L").resize(size)
    sky = Image.composite(Image.new("RGB", size, HORIZON), Image.new("RGB", size, top), paleness)
    x, y = rng.randint(20, WIDTH - 60), rng.randint(12, 45)
    ImageDraw.Draw(sky).ellipse((x, y, x + 36, y + 36), fill=(255, 244, 200))
    return sky


def _house(pen: ImageDraw.ImageDraw, rng: Random, colour: Colour) -> None:
    """Paint walls, roof, a door and as many windows as there is room for."""
    roof = EAVES - rng.randint(40, 70)
    pen.rectangle((HOUSE_LEFT, EAVES, HOUSE_RIGHT, GROUND), fill=colour)
    middle = (HOUSE_LEFT + HOUSE_RIGHT) // 2
    slope = ((HOUSE_LEFT - 20, EAVES), (middle, roof), (HOUSE_RIGHT + 20, EAVES))
    pen.polygon(slope, fill=_shade(colour, 0.7))
    openings = [HOUSE_LEFT + 16 + 54 * place for place in range(3)]
    door = rng.choice(openings)
    for left in openings:
        if left == door:
            pen.rectangle((left, GROUND - 64, left + 36, GROUND), fill=_shade(colour, 0.35))
        else:
            pen.rectangle((left, EAVES + 20, left + 36, EAVES + 52), fill=(255, 250, 220))
            pen.line((left + 18, EAVES + 20, left + 18, EAVES + 52), fill=_shade(colour, 0.5), width=3)


def _shade(colour: Colour, share: float) -> Colour:
    """Give a colour of which `share` is left, the rest is black."""
    red, green, blue = (round(part * share) for part in colour)
    return red, green, blue
