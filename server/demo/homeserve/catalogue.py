"""The demo's services: six categories, prices as they are usual in Indian cities."""

from server.demo.homeserve.model import DemoService

APPLIANCE, PLUMBING, ELECTRICAL = "Appliance", "Plumbing", "Electrical"
CLEANING, CARPENTRY, PAINTING = "Cleaning", "Carpentry", "Painting"
CATEGORIES = (APPLIANCE, PLUMBING, ELECTRICAL, CLEANING, CARPENTRY, PAINTING)

_ROWS = (
    # name, description, base price (paise), category, minutes, popularity
    ("AC Repair", "Air conditioning repair and maintenance", 50_000, APPLIANCE, 120, 10),
    ("Washing Machine Repair", "Diagnosis and repair of top and front loaders", 45_000, APPLIANCE, 90, 6),
    ("Refrigerator Repair", "Cooling, compressor and door seal repairs", 55_000, APPLIANCE, 90, 5),
    ("Water Purifier Service", "Filter change, membrane check and sanitising", 39_900, APPLIANCE, 60, 5),
    ("Tap and Leak Repair", "Leaking taps, joints and flush tanks", 24_900, PLUMBING, 60, 7),
    ("Drain Unblocking", "Clearing of kitchen and bathroom drains", 34_900, PLUMBING, 60, 5),
    ("Geyser Installation", "Mounting and connecting a water heater", 59_900, PLUMBING, 90, 3),
    ("Bathroom Fittings", "Replacing showers, basins and mixers", 79_900, PLUMBING, 150, 2),
    ("Switch and Socket Repair", "Faulty switches, sockets and regulators", 19_900, ELECTRICAL, 60, 6),
    ("Ceiling Fan Installation", "Mounting, balancing and wiring a fan", 29_900, ELECTRICAL, 60, 5),
    ("Inverter Service", "Battery check, topping up and load test", 44_900, ELECTRICAL, 90, 3),
    ("Home Deep Cleaning", "Every room, kitchen and bathroom, top to bottom", 249_900, CLEANING, 240, 4),
    ("Bathroom Cleaning", "Descaling and disinfecting up to two bathrooms", 59_900, CLEANING, 90, 7),
    ("Kitchen Cleaning", "Degreasing of hob, chimney, tiles and cabinets", 99_900, CLEANING, 150, 4),
    ("Sofa Cleaning", "Shampooing and drying of a five-seat sofa", 79_900, CLEANING, 120, 4),
    ("Furniture Assembly", "Beds, wardrobes and desks from a flat pack", 49_900, CARPENTRY, 120, 4),
    ("Door and Lock Repair", "Sagging doors, hinges, latches and locks", 34_900, CARPENTRY, 60, 4),
    ("Modular Kitchen Repair", "Drawer channels, hinges and shutters", 69_900, CARPENTRY, 120, 2),
    ("Wall Touch-up Painting", "Patching and painting of a stained wall", 129_900, PAINTING, 180, 2),
    ("Waterproofing Inspection", "Moisture survey of walls, terrace and bathrooms", 49_900, PAINTING, 60, 2),
)

SERVICES = tuple(DemoService(number, *row) for number, row in enumerate(_ROWS, start=1))
"""In order of id, from 1."""
