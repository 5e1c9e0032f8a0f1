"""The playground: try a model in the browser, compare, rate, keep what was said."""
