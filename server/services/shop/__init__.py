"""What can be found: services, providers, their profiles, work and reviews."""
