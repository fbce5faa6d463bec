"""Uploaded files: read, kept, served."""
