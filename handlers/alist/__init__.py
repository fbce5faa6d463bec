"""A-List Home Professionals' spelling of the core."""
