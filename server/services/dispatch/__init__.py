"""A day of many providers planned at once."""
