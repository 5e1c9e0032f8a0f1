"""Ready-made training programs. Importing this package loads nothing heavy."""
