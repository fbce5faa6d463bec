"""The demo marketplaces: who is in them and what has happened there, as plain values.

    homeserve/    HomeServe's: 60 vendors in three cities, 600 bookings
    alist/        A-List's: 24 contractors, what clients asked of them, said to them, paid them
    filling.py    what a marketplace is filled with
    money.py      how payments move the ledger
    drawing.py    pictures that stand in for photographs
    seed.py       the one file that writes: what a database that is empty is filled with

Nothing but seed.py writes anywhere or reads the clock: the same arguments give the same values.
"""
