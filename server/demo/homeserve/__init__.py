"""HomeServe's demo.

model.py      the dataclasses
catalogue.py  twenty services in six categories
cities.py     three cities: pincodes, localities, how much is asked for there
people.py     vendors, customers and staff, from a seed
history.py    their bookings around a given day, from a seed
aftermath.py  signatures and disputes (quarrels.py) that followed
money.py      what was paid and earned
filling.py    all of it as entities

people(seed, places) -> history(seed, today, people, places) -> aftermath_of(...) -> money_of(...)
"""
