"""What a visit costs, and the demand that decides it."""
