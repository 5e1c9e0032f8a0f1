"""A load generator: asks one address with more and more callers, and measures what comes back."""
