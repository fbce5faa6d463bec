"""Becoming a provider."""
