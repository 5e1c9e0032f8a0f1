"""`slipway serve`: model packages on this machine; no platform is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Model packages on this machine.", no_args_is_help=True)


@app.command("check")
def check_package(
    package: Annotated[Path, typer.Argument(help="Directory with model_service.py.")],
    no_run: Annotated[bool, typer.Option("--no-run", help="Look at the files only.")] = False,
    timeout_s: Annotated[float, typer.Option(help="Seconds that it gets to be ready.")] = 300.0,
) -> None:
    """Try a model package as it would be deployed: files, requirements, start, test.json, latency, memory."""
    from slipway.runtime.serve.check import check

    failed = False
    for finding in check(package.absolute(), timeout_s=timeout_s, run=not no_run):
        typer.echo(str(finding))
        failed |= finding.level == "failed"
    if failed:
        raise typer.Exit(1)


@app.command("setup", context_settings={"help_option_names": ["-h", "--help"]})
def set_up(
    model_format: Annotated[
        str,
        typer.Option(
            "--model-format", "-m",
            help="TorchScript, Detectron2, ONNX, FrozenGraph, SavedModel, MMDetection, PMML, "
            "HuggingFace or scikit-learn.",
        ),
    ],
    framework: Annotated[
        str,
        typer.Option(
            "--framework", "-f",
            help="torch, onnx, tf, jpmml or sklearn; the manual's releases (torch1.12.1 ...) stand "
            "for the framework as it is today.",
        ),
    ],
    scene: Annotated[
        str,
        typer.Option(
            "--model-scene", "-s",
            help="Of the demo: detect, classify, nlp, ocr or recommend; left out, the format's "
            "first.",
        ),
    ] = "",
    demo_dir: Annotated[
        Path | None, typer.Option("--demo-dir", "-d", help="Write a demo with its model here.")
    ] = None,
    index_url: Annotated[
        str | None, typer.Option("--index-url", "-i", help="Package index.")
    ] = None,
    version: Annotated[
        str, typer.Option("--ti-infer-version", "-v", help="Of tiinfer; there is 1.0.")
    ] = "1.0",
    gpu: Annotated[bool, typer.Option("--gpu", help="The packages for a GPU.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be installed; install nothing.")
    ] = False,
) -> None:  # fmt: skip
    """Prepare this Python for a model format: packages of the built-in environment, and a demo.

    Use a virtual environment of its own for each format. CUDA is the machine's own business.
    """
    from slipway.runtime.serve.setup import VERSION, Asked, SetupError, install, write_demo

    asked = Asked(model_format, framework, scene, gpu)
    try:
        if version != VERSION:
            raise SetupError(f"There is no tiinfer {version}; there is {VERSION}.")
        found = asked.checked()
        typer.echo(f"Environment: {found.id} ({found.name}).")
        if found.note:
            typer.echo(found.note)
        install(found, index_url, dry_run=dry_run)
        if demo_dir is not None:
            folder = write_demo(asked, demo_dir.absolute())
            typer.echo(f"A demo is in {folder}. Try it: slipway serve check {folder}")
    except SetupError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
