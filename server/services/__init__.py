"""Verbs: each service takes plain values, decides, and raises domain errors.

None of them sees a request, a status code or a header; all time comes from `clock.now`.
"""
