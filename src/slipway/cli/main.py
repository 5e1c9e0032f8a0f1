"""`slipway`: the command line. Thin over the SDK; only `up` and its kin know the server."""

from __future__ import annotations

import sys

import typer

from slipway.cli import (
    accounts,
    alerts,
    datasets,
    environments,
    evaluations,
    groups,
    keys,
    labelling,
    models,
    nodes,
    platform,
    queue,
    repositories,
    serve,
    service_groups,
    services,
    session,
    storage,
    train,
)

app = typer.Typer(
    name="slipway", help="Slipway: a one-stop AI development platform that a team runs itself.",
    no_args_is_help=True, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
platform.add_to(app)
session.add_to(app)
for name, group in (
    ("dataset", datasets.app), ("label", labelling.app), ("train", train.app), ("model", models.app), ("service", services.app),
    ("eval", evaluations.app), ("storage", storage.app), ("key", keys.app), ("user", accounts.users),
    ("project", accounts.projects), ("queue", queue.app), ("policy", queue.policy), ("quota", queue.quota),
    ("group", groups.app), ("node", nodes.app),
    ("alert", alerts.app),
    ("env", environments.app), ("repo", repositories.app), ("service-group", service_groups.app), ("serve", serve.app),
):  # fmt: skip
    app.add_typer(group, name=name)

app.add_typer(storage.app, name="bucket", hidden=True)  # the word of other tools

app.command("inbox")(alerts.inbox)
app.command("calls")(service_groups.calls)


def run() -> None:
    """Exit codes: 0 done, 1 refused or failed (reason on stderr), 2 usage."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
