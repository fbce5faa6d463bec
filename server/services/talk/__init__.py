"""What people are told, and tell each other."""
