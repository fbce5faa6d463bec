"""A fleet's day: which vendor does which jobs, in which order.

Travel of all vendors and the penalties of jobs left out are minimised, with skills, service areas, shifts,
breaks, windows and buffers kept.

    problem.py   jobs, vendors, plans            search.py   orders by PyVRP
    planning.py  a problem's plan                parts.py    the same for a market too large for it
    rights.py    who could do what               repair.py   late jobs out, fitting ones in
    day.py       an order as a day, with breaks  reasons.py  why a job has no vendor
    gaps.py      where a job could still go      replan.py   a day mended after a disruption
    budget.py    how long a search goes on

PyVRP holds the interpreter lock: callers run `solve` in a process. Everything that goes in or comes out is
picklable.
"""
