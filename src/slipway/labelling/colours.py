"""Default colours of labels: told apart also by people who see red and green alike."""

PALETTE = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#7f3c8d",
    "#3969ac", "#11a579", "#e73f74", "#80ba5a",
)  # fmt: skip
