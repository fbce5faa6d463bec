"""Arrays in, arrays out. No I/O, no clock, no globals: time and seed are arguments.

    travel.py     minutes and kilometres between points
    speeds.py     a city's speeds, fitted from finished trips
    pricing.py    what an hour, demand and supply make of a price
    slots.py      when a visit fits into a day, and how well
    slots_many.py the best slot of each of many days at once, for search
    routing.py    a day's visits in the order with the least travel
    fleet/        a day of many vendors: who does what, in which order, and why not; mended when it went wrong
    plots.py      a day on a map, prices by hour, as SVG
    simulate/     a marketplace in a computer, to judge policies before they are switched on
    forecast.py   bookings a day, from history, with an interval

A facade checks its arguments and calls a kernel (`_travel.pyx`, …) or its twin in plain Python
(`reference/`), which is the specification: every test runs against both. `compiled.py` chooses.
"""
