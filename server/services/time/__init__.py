"""Providers' time and ways: hours, diaries, slots, travel, routes."""
