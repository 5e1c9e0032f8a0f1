"""Words that stand below everything else."""

from enum import StrEnum


class Limit(StrEnum):
    """Requests, tokens and images a minute, tokens a day; in the order they are checked."""

    RPM = "rpm"
    TPM = "tpm"
    TPD = "tpd"
    IPM = "ipm"
