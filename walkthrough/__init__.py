"""A day at the marketplace, played over REST and WebSocket as a mobile app, a vendor app and an admin would.

client.py   a signed-in client and its sockets, with every call timed
story.py    the day, and what must be true of it
tables.py   what is printed
"""
