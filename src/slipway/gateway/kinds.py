"""Words that stand below everything else."""

from enum import StrEnum


class Limit(StrEnum):
    """What a key or a model may use, in the order in which it is checked.

    Requests, tokens and images a minute; tokens a day and a month; money a day and a month, in
    millionths; calls at once; and tokens ever, which is a free trial.
    """

    RPM = "rpm"
    TPM = "tpm"
    TPD = "tpd"
    IPM = "ipm"
    CONCURRENCY = "concurrency"
    TOKENS_MONTH = "tokens_month"
    COST_DAY = "cost_day"
    COST_MONTH = "cost_month"
    FREE = "free_tokens"
