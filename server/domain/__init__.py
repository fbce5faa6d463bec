"""Pure values: no I/O, no clock. Time is an argument; money is integer minor units."""
