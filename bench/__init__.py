"""Benchmarks: `make bench`, or `python -m bench --only startup`."""
