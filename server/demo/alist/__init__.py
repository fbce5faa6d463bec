"""A-List's demo, drawn from a seed around a moment.

    catalogue.py   eight service categories, and how professionals of each talk of their work
    people.py      contractors, clients, crew, specialists and an administrator
    businesses.py  their profiles, hours and shown work
    visits.py      appointments, 30 days back to 7 ahead
    opinions.py    reviews that fit the appointments
    talk.py        conversations with what was said and read
    purses.py      contractors' accounts, and what they were paid
    filling.py     all of it, with the figures that follow from it

Ids are numbers from 1, in order of time; contractor1 is user 1 and Plumbing category 1, as in the document.
"""
