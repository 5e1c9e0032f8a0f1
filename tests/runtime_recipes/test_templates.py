import os
import subprocess
import sys
from pathlib import Path

import pytest

from slipway.runtime.recipes.hyperparameters import defaults, parse
from slipway.runtime.recipes.scratch import model_size
from slipway.runtime.recipes.templates import FINETUNE_COMMAND, TEMPLATES, get_template


@pytest.mark.covers("TRN-30")
def test_every_template_is_valid_and_named_in_both_languages() -> None:
    for template in TEMPLATES:
        wish = parse(template.hyperparameters)
        assert wish.passed_on == {}
        if wish["FromScratch"] is not None:
            model_size(wish["FromScratch"])
        assert set(template.name) == set(template.description) == {"zh", "en"}
        assert get_template(template.id) is template
    assert dict(get_template("llm-lora").hyperparameters) == defaults()


def test_reading_the_templates_loads_nothing_heavy() -> None:
    code = (
        "import sys, slipway.runtime.recipes.templates as t;"
        "assert not {'torch', 'transformers', 'trl', 'peft'} & set(sys.modules);"
        "print(len(t.TEMPLATES))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, str(len(TEMPLATES)))


@pytest.mark.covers("TRN-29", "TRN-52", "TRN-53")
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "-m slipway.runtime.recipes.finetune"),
        ({"WORLD_SIZE": "1", "GPU_NUM_PER_NODE": "0"}, "-m slipway.runtime.recipes.finetune"),
        ({"WORLD_SIZE": "1", "GPU_NUM_PER_NODE": "0.5"}, "-m slipway.runtime.recipes.finetune"),
        (
            {"GPU_NUM_PER_NODE": "8"},
            "-m torch.distributed.run --nproc_per_node 8 --nnodes 1 --node_rank 0 "
            "--master_addr localhost --master_port 23456 -m slipway.runtime.recipes.finetune",
        ),
        (
            {"WORLD_SIZE": "2", "RANK": "1", "MASTER_ADDR": "10.1.2.3", "MASTER_PORT": "29500"},
            "-m torch.distributed.run --nproc_per_node 1 --nnodes 2 --node_rank 1 "
            "--master_addr 10.1.2.3 --master_port 29500 -m slipway.runtime.recipes.finetune",
        ),
    ],
)
def test_the_command_launches_as_many_processes_as_there_are_cards(
    tmp_path: Path, variables: dict[str, str], expected: str
) -> None:
    """The shell decides; a `python` that prints its arguments shows what."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.defpath}", **variables}
    done = subprocess.run(
        ["bash", "-c", FINETUNE_COMMAND], env=env, capture_output=True, text=True, timeout=10
    )
    assert done.stdout.strip() == expected
    assert (done.returncode, done.stderr) == (0, "")
