"""Fine-tuning templates: a task that names one gets its command, environment and hyper-parameters (TRN-27..30)."""

from __future__ import annotations

from dataclasses import replace

from slipway.base.errors import Invalid
from slipway.runtime.recipes.errors import HyperParameterError
from slipway.runtime.recipes.hyperparameters import parse
from slipway.runtime.recipes.templates import TEMPLATES, Template, get_template
from slipway.training.types import TaskSpec

ENVIRONMENT = "llm"


def all_templates() -> tuple[Template, ...]:
    return TEMPLATES


def with_template(spec: TaskSpec) -> TaskSpec:
    """The spec with what the template supplies; what the user wrote wins. No template: as it is."""
    if spec.template is None:
        return spec
    try:
        template = get_template(spec.template)
    except KeyError:
        known = ", ".join(t.id for t in TEMPLATES)
        raise Invalid(
            f"There is no template {spec.template!r}. Possible: {known}.", field="template"
        ) from None
    parameters = dict(template.hyperparameters) | spec.hyperparameters
    try:
        parse(spec.hyperparameters)
    except HyperParameterError as error:
        raise Invalid(str(error), field="hyperparameters", code="bad_hyperparameter") from error
    return replace(
        spec,
        command=spec.command if spec.command.strip() else template.command,
        environment=spec.environment or ENVIRONMENT,
        hyperparameters=parameters,
    )
