"""HTTP of machines that join and leave: the administrator's token, and what the machine itself calls."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.crypto import Sealer
from slipway.base.errors import SignedOut
from slipway.base.forms import Form
from slipway.compute.nodes import join as joining
from slipway.compute.nodes.join_terms import is_heard, terms_of
from slipway.compute.nodes.views import CheckView
from slipway.compute.types import Card
from slipway.iam.http import Config, Db, Seal, allow, anyone
from slipway.iam.types import Actor

router = APIRouter(prefix="/nodes", tags=["Nodes"])

ByToken = Annotated[None, anyone("the one-time join token is the credential")]
ByKey = Annotated[None, anyone("the key that the machine got when it joined is the credential")]


class TokenForm(Form):
    group: str
    lasts_s: float = 3600


class TokenView(BaseModel):
    token: str = Field(description="Shown once.")
    command: str = Field(description="To be run on the machine that joins.")
    expires_at: datetime


class CardForm(Form):
    index: int = Field(ge=0)
    model: str = Field(min_length=1, max_length=100)
    memory_bytes: int = Field(ge=0)
    uuid: str = ""
    shares: bool = True
    faulty: str = ""


class JoinForm(Form):
    token: str
    name: str = Field(min_length=1, max_length=255)
    host: str = Field(min_length=1, max_length=255)
    cpu_cores: float = Field(gt=0)
    memory_bytes: int = Field(gt=0)
    gpus: list[CardForm] = []
    engine_node: str = ""
    info: dict[str, Any] = Field(
        {}, description="Facts of the machine, as `compute/nodes/facts.py` has them."
    )


class JoinTermsForm(Form):
    token: str


class JoinTermsView(BaseModel):
    """What a machine has to find out about itself before it joins."""

    marker: str | None = Field(description="A file of the platform's storage, where it is shared.")
    marker_text: str
    reach: list[str] = Field(description="host:port of the head and of joined machines.")
    port: int = Field(description="On which the machine listens while it is probed.")


class JoinProbeForm(JoinTermsForm):
    host: str = Field(min_length=1, max_length=255)
    port: int = Field(ge=1, le=65535)
    says: str = Field(min_length=8, max_length=64, description="What the machine says there.")


class JoinProbeView(BaseModel):
    reached: bool = Field(description="Whether the platform came through and heard it.")


class LeaveForm(Form):
    key: str = Field(description="What the machine got when it joined.")


class LeaveView(BaseModel):
    state: str
    instances: int = Field(
        description="That still run there; the machine waits until there are none."
    )


class JoinView(BaseModel):
    node_id: str
    leave_key: str = Field(description="With which the machine says that it leaves.")
    group_id: str
    engine: str
    ray_address: str | None = Field(description="Of the head to join, where the platform has one.")
    checks: list[CheckView]


@router.post("/join-token", status_code=201)
async def make_join_token(
    form: TokenForm, db: Db, config: Config, actor: Annotated[Actor, allow("compute:node:create")]
) -> TokenView:
    """A one-time token, and the command that joins a machine with it."""
    token, expires_at = await joining.make_token(
        db, actor, form.group, lasts=timedelta(seconds=form.lasts_s), now=utc_now()
    )
    url = config.public_url or f"http://{config.host}:{config.port}"
    return TokenView(
        token=token,
        command=f"slipway node join --url {url} --token {token}",
        expires_at=expires_at,
    )


@router.post("/join", status_code=201)
async def join_node(
    form: JoinForm,
    db: Db,
    config: Config,
    seal: Seal,
    _: ByToken,
) -> JoinView:
    """The handshake of a machine. It is refused with every check that blocks it."""
    machine = joining.Joining(
        form.name, form.host, form.cpu_cores, form.memory_bytes,
        tuple(Card(**card.model_dump()) for card in form.gpus), form.engine_node, form.info,
    )  # fmt: skip
    made = await joining.join(db, form.token, machine, now=utc_now())
    return JoinView(
        node_id=made.node_id, leave_key=leave_key(seal, made.node_id), group_id=made.group_id, engine=made.engine, ray_address=config.ray_address,
        checks=[CheckView.of(check) for check in made.checks],
    )  # fmt: skip


@router.post("/join-terms")
async def get_join_terms(form: JoinTermsForm, db: Db, config: Config, _: ByToken) -> JoinTermsView:
    """What the machine looks at before it joins: storage, and whom it must reach."""
    async with db.read() as session:
        token = await joining.valid_token(session, form.token, utc_now())
        terms = await terms_of(session, token.group_id, config)
    return JoinTermsView.model_validate(terms, from_attributes=True)


@router.post("/join-probe")
async def probe_machine(form: JoinProbeForm, db: Db, _: ByToken) -> JoinProbeView:
    """Whether the platform reaches the machine: it connects and hears what the machine says."""
    async with db.read() as session:
        await joining.valid_token(session, form.token, utc_now())
    return JoinProbeView(reached=await is_heard(form.host, form.port, form.says))


@router.post("/{node_id}/leave")
async def leave_platform(node_id: str, form: LeaveForm, db: Db, seal: Seal, _: ByKey) -> LeaveView:
    """The machine itself says that it leaves. Called again, it tells how far that is."""
    if not hmac.compare_digest(form.key.encode(), leave_key(seal, node_id).encode()):
        raise SignedOut(
            "That is not the key of this node. Release it in the console instead.", code="bad_key"
        )
    state, instances = await joining.leave(db, node_id, now=utc_now())
    return LeaveView(state=state, instances=instances)


def leave_key(seal: Sealer, node_id: str) -> str:
    return seal.derive(f"leave {node_id}")
