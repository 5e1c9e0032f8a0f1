"""Building an environment: a program like any other workload's."""
