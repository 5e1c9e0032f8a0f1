"""Git repositories: asking for a commit, and bringing its files."""
