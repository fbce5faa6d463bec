"""The engine in plain Python, written to be read; the kernels must agree with it."""
