"""Disputes: opened, talked over, mediated, settled."""
