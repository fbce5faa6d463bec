"""A marketplace in a computer: a policy is judged here before it is switched on.

    city.py      pincodes, services, vendors and their shifts, drawn from a seed
    demand.py    what customers wish for, when, and what they put up with: the same for every policy
    policies.py  surge and dispatch policies by name, surge from a file
    day.py       one day: prices, decisions, bookings, cancellations
    measures.py  what came of it
    report.py    tables and files; plots.py draws them

A day knows nothing of other days, so that days run side by side and a run is the sum of its days. Everything
is drawn from (seed, day): the same options give the same figures to the last digit, on one process or many.
"""
