"""Background work.

broker      taskiq's broker over a Redis stream: what a killed worker held is given to another
worker      runs what the broker brings, and has regular jobs queued when they are due
"""
