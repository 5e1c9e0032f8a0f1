import json
import zipfile
from pathlib import Path

import pytest

from slipway.runtime.recipes.checkpoints import (
    choose_start,
    find_newest_complete,
    is_complete,
    list_checkpoints,
    read_card,
    remove_checkpoints,
    write_card,
)
from slipway.runtime.recipes.errors import CheckpointError


def safetensors(path: Path, numbers: int = 4) -> None:
    header = json.dumps(
        {"w": {"dtype": "F32", "shape": [numbers], "data_offsets": [0, 4 * numbers]}}
    ).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4 * numbers))


def checkpoint(output: Path, step: int) -> Path:
    folder = output / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    safetensors(folder / "model.safetensors")
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth"):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("data", b"x" * 100)
    history = [
        {"step": 1, "loss": 3.0, "learning_rate": 1e-3},
        {"step": step, "loss": 2.0445, "learning_rate": 5e-4},
        {"step": step, "eval_loss": 2.5},
    ]
    state = {"global_step": step, "epoch": 0.5, "log_history": history}
    (folder / "trainer_state.json").write_text(json.dumps(state))
    return folder


@pytest.mark.covers("TRN-31")
def test_the_newest_is_the_one_with_the_highest_step(tmp_path: Path) -> None:
    for step in (900, 1000, 20):
        checkpoint(tmp_path, step)
    (tmp_path / "checkpoint-final").mkdir()
    assert [path.name for path in list_checkpoints(tmp_path)] == [
        "checkpoint-20",
        "checkpoint-900",
        "checkpoint-1000",
    ]
    assert find_newest_complete(tmp_path) == tmp_path / "checkpoint-1000"


@pytest.mark.covers("TRN-31", "FIN-22")
@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.pt", "trainer_state.json"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_checkpoint_cut_short_anywhere_is_passed_over(
    tmp_path: Path, name: str, share: float
) -> None:
    whole = checkpoint(tmp_path, 1)
    broken = checkpoint(tmp_path, 2) / name
    content = broken.read_bytes()
    broken.write_bytes(content[: int(len(content) * share)])
    assert find_newest_complete(tmp_path) == whole


@pytest.mark.parametrize("name", ["model.safetensors", "scheduler.pt", "rng_state.pth"])
def test_a_checkpoint_that_lacks_a_file_is_incomplete(tmp_path: Path, name: str) -> None:
    folder = checkpoint(tmp_path, 1)
    assert is_complete(folder)
    (folder / name).unlink()
    assert not is_complete(folder)


def test_all_shards_must_be_there(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, 1)
    weight_map = {"a": "model.safetensors", "b": "model-2.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    assert not is_complete(folder)
    safetensors(folder / "model-2.safetensors")
    assert is_complete(folder)


@pytest.mark.covers("TRN-31")
def test_resuming_goes_on_from_the_newest_and_starts_afresh_without_one(tmp_path: Path) -> None:
    wishes = {"resume": True, "overwrite": False, "asked_for": None}
    assert choose_start(tmp_path, **wishes) is None
    newest = checkpoint(tmp_path, 3)
    assert choose_start(tmp_path, **wishes) == newest


@pytest.mark.covers("TRN-31")
def test_a_filled_output_directory_is_not_overwritten_unasked(tmp_path: Path) -> None:
    (tmp_path / ".keep").touch()
    assert choose_start(tmp_path, resume=False, overwrite=False, asked_for=None) is None
    (tmp_path / "result.txt").touch()
    with pytest.raises(CheckpointError, match='add "overwrite_output_dir": true'):
        choose_start(tmp_path, resume=False, overwrite=False, asked_for=None)
    assert choose_start(tmp_path, resume=False, overwrite=True, asked_for=None) is None


@pytest.mark.covers("TRN-31")
def test_overwriting_removes_checkpoints_and_nothing_else(tmp_path: Path) -> None:
    checkpoint(tmp_path, 3)
    (tmp_path / "notes.txt").write_text("mine")
    assert remove_checkpoints(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.covers("FIN-22")
def test_the_platform_s_choice_wins_and_must_be_whole(tmp_path: Path) -> None:
    older, newer = checkpoint(tmp_path, 1), checkpoint(tmp_path, 2)
    wishes = {"resume": True, "overwrite": False}
    assert choose_start(tmp_path, **wishes, asked_for=str(older)) == older
    (newer / "optimizer.pt").unlink()
    with pytest.raises(CheckpointError, match="not a complete checkpoint"):
        choose_start(tmp_path, **wishes, asked_for=str(newer))


@pytest.mark.covers("TRN-50")
def test_a_card_says_what_the_trainer_noted(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, 430)
    write_card(folder, "chatml")
    card = read_card(folder)
    assert (card.path, card.step, card.epoch) == (str(folder), 430, 0.5)
    assert (card.loss, card.learning_rate) == (2.0445, 5e-4)
    assert card.conv_template_name == "chatml"
    assert json.loads((folder / "slipway-checkpoint.json").read_text())["loss"] == 2.0445


@pytest.mark.covers("TRN-50")
def test_a_foreign_checkpoint_has_a_card_with_gaps(tmp_path: Path) -> None:
    (tmp_path / "checkpoint-7").mkdir()
    card = read_card(tmp_path / "checkpoint-7")
    assert card.step == 7
    assert (card.epoch, card.loss, card.learning_rate, card.conv_template_name) == (None,) * 4
