"""The fine-tuning templates as data: what a form shows and what a task then runs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from slipway.runtime.recipes.hyperparameters import defaults

# The same text serves one process, several GPUs and several nodes, and also works in a dev
# machine, where none of the variables is set. A single process needs no launcher, and neither
# does a share of a GPU (0.5).
FINETUNE_COMMAND = """\
processes=${GPU_NUM_PER_NODE:-$(nvidia-smi -L 2>/dev/null | wc -l)}
processes=${processes%.*}
if [ "${processes:-0}" -lt 1 ]; then processes=1; fi
if [ "$processes" = 1 ] && [ "${WORLD_SIZE:-1}" = 1 ]; then
  exec python -m slipway.runtime.recipes.finetune
fi
exec python -m torch.distributed.run \\
  --nproc_per_node "$processes" --nnodes "${WORLD_SIZE:-1}" --node_rank "${RANK:-0}" \\
  --master_addr "${MASTER_ADDR:-localhost}" --master_port "${MASTER_PORT:-23456}" \\
  -m slipway.runtime.recipes.finetune
"""


@dataclass(frozen=True, slots=True)
class Template:
    id: str
    name: Mapping[str, str]  # by language: zh, en
    description: Mapping[str, str]
    framework: str
    training_mode: str
    command: str
    hyperparameters: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def _template(
    template_id: str, name: dict[str, str], description: dict[str, str], changes: dict[str, Any]
) -> Template:
    return Template(
        id=template_id,
        name=name,
        description=description,
        framework="pytorch",
        training_mode="DDP",
        command=FINETUNE_COMMAND,
        hyperparameters=defaults() | changes,
    )


TEMPLATES: tuple[Template, ...] = (
    _template(
        "llm-lora",
        {"zh": "大模型精调（LoRA）", "en": "Fine-tune a language model (LoRA)"},
        {
            "zh": "冻结基座权重，只训练低秩部分；结果合并为完整模型，并保留适配器。",
            "en": "Trains low-rank parts beside frozen weights; the result is merged, "
            "the adapter is kept.",
        },
        {"FinetuningType": "Lora"},
    ),
    _template(
        "llm-full",
        {"zh": "大模型精调（全量）", "en": "Fine-tune a language model (full)"},
        {"zh": "训练全部权重，需要更多资源。", "en": "Trains all weights; needs more resources."},
        {"FinetuningType": "Full"},
    ),
    _template(
        "llm-pretrain-tiny",
        {"zh": "从零预训练小模型", "en": "Pre-train a tiny model from scratch"},
        {
            "zh": "在纯文本上训练分词器和一个很小的 Llama 结构模型，无需基座模型，CPU 即可。",
            "en": "Trains a tokenizer and a very small Llama-architecture model on plain text; "
            "no base model needed, a CPU will do.",
        },
        {
            "FinetuningType": "Full",
            "Stage": "pretrain",
            "FromScratch": {"Size": "tiny"},
            "Epoch": 10,
            "BatchSize": 16,
            "LearningRate": 3e-3,
            "MaxSequenceLength": 128,
            "GradientCheckPointing": False,
        },
    ),
)


def get_template(template_id: str) -> Template:
    for template in TEMPLATES:
        if template.id == template_id:
            return template
    raise KeyError(template_id)
