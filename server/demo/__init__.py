"""The demo marketplace: who is in it and what has happened there, as plain values.

    model.py      the dataclasses
    catalogue.py  twenty services in six categories
    cities.py     three cities: pincodes, localities, how much is asked for there
    people.py     vendors, customers and staff, from a seed
    history.py    their bookings around a given day, from a seed

    people(seed, places) -> history(seed, today, people, places)

Nothing here writes anywhere or reads the clock: the same arguments give the same values.
"""
