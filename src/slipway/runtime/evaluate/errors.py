"""What stops an evaluation before or instead of its results."""


class EvaluationError(Exception):
    """The text says what is wrong and what to change."""


class ConfigError(EvaluationError):
    """The configuration cannot be used. The text starts with the place, as in `models[0].name`."""
