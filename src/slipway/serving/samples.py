"""What the call page of a service shows: addresses, interfaces and programs to copy (SRV-33)."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence

from slipway.serving.config import Runtime
from slipway.serving.types import Service, Version
from slipway.serving.views import CallInterfaceView, ServiceCallView

_KEY = "$SLIPWAY_KEY"


def call_view(
    gateway: str,
    service: Service,
    versions: Sequence[Version],
    model: str,
    ready: int,
    ceiling: int,
    grpc_address: str,
) -> ServiceCallView:
    if service.grpc:
        return _grpc_view(grpc_address, service, _qps(service, ready, ceiling))
    endpoint = f"{gateway}/{service.id}"
    best = max(versions, key=lambda v: (v.weight, v.number), default=None)
    interfaces = _interfaces(endpoint, best.config.runtime if best else Runtime.CUSTOM, model)
    first = interfaces[0]
    base = f"{endpoint}/v1" if service.llm else None
    return ServiceCallView(
        endpoint=endpoint, openai_base_url=base, model=model or None,
        version_endpoints={v.id: f"{gateway}/{v.id}" for v in versions}, service_type="HTTP",
        method="POST", auth=service.auth, grpc_address=None, grpc_authority=None, qps_limit=_qps(service, ready, ceiling), interfaces=interfaces,
        curl=_curl(first, service.auth), python=_python(first, service.auth),
        openai_python=_openai(base, model, service.auth) if base else None,
    )  # fmt: skip


def _grpc_view(address: str, service: Service, qps: int | None) -> ServiceCallView:
    """No interfaces and no online test: what may be called is the instance's own affair."""
    domain = address.rpartition(":")[0]
    authority = f"{service.id}-sw-grpc.{domain if not _is_address(domain) else 'slipway.local'}"
    return ServiceCallView(
        endpoint=address, openai_base_url=None, model=None, version_endpoints={},
        service_type="gRPC", method="POST", auth=service.auth, grpc_address=address,
        grpc_authority=authority, qps_limit=qps, interfaces=[],
        curl=_grpcurl(address, authority, service), openai_python=None,
        python=_grpc_python(address, authority, service),
    )  # fmt: skip


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _grpcurl(address: str, authority: str, service: Service) -> str:
    lines = [f"grpcurl -plaintext -authority {authority}", f"  -H 'x-ti-service: {service.id}'"]
    if service.auth:
        lines.append(f'  -H "authorization: Bearer {_KEY}"')
    return " \\\n".join([*lines, f"  {address} your.package.Service/Method"])


def _grpc_python(address: str, authority: str, service: Service) -> str:
    own = [("x-ti-service", service.id)]
    key = ", ('authorization', 'Bearer ' + os.environ['SLIPWAY_KEY'])" if service.auth else ""
    return "\n".join(
        [
            *(["import os", ""] if service.auth else []),
            "import grpc",
            "",
            f"options = [('grpc.default_authority', {authority!r})]",
            f"channel = grpc.insecure_channel({address!r}, options)",
            f"metadata = [{own[0]!r}{key}]",
            "# stub = YourServiceStub(channel)",
            "# answer = stub.Method(request, metadata=metadata)",
        ]
    )


def _qps(service: Service, ready: int, ceiling: int) -> int | None:
    """Requests a second that the gateway lets through; `ceiling` 0: the platform has none."""
    per_replica = service.limit.qps_per_replica
    if per_replica is None:
        return ceiling or None
    own = per_replica * max(1, ready)
    return min(ceiling, own) if ceiling else own


def _interfaces(endpoint: str, runtime: Runtime, model: str) -> list[CallInterfaceView]:
    chat = {"model": model, "messages": [{"role": "user", "content": "Hello"}]}
    plain = {"model": model, "prompt": "Hello", "max_tokens": 64}
    listed: dict[Runtime, list[tuple[str, str, object]]] = {
        Runtime.LLM: [
            ("POST", "/v1/chat/completions", chat),
            ("POST", "/v1/completions", plain),
            ("GET", "/v1/models", None),
        ],
        Runtime.PACKAGE: [("POST", "/v1/models/m:predict", {"instances": []})],
        Runtime.CUSTOM: [("POST", "/", {})],
    }
    return [
        CallInterfaceView(
            method=method, path=path, url=endpoint + path,
            body=json.dumps(body, ensure_ascii=False) if body is not None else "",
        )
        for method, path, body in listed[runtime]
    ]  # fmt: skip


def _curl(one: CallInterfaceView, auth: bool) -> str:
    lines = [f"curl -X {one.method} '{one.url}'"]
    if auth:
        lines.append(f'  -H "Authorization: Bearer {_KEY}"')
    lines += ["  -H 'Content-Type: application/json'", f"  -d '{one.body}'"]
    return " \\\n".join(lines)


def _python(one: CallInterfaceView, auth: bool) -> str:
    headers = ["    headers={'Authorization': 'Bearer ' + os.environ['SLIPWAY_KEY']},"]
    return "\n".join(
        [
            *(["import os", ""] if auth else []),
            "import httpx",
            "",
            "answer = httpx.post(",
            f"    {one.url!r},",
            *(headers if auth else []),
            f"    json={json.loads(one.body)!r},",
            "    timeout=60,",
            ")",
            "print(answer.status_code, answer.text)",
        ]
    )


def _openai(base: str, model: str, auth: bool) -> str:
    key = "os.environ['SLIPWAY_KEY']" if auth else "'not-needed'"
    return "\n".join(
        [
            *(["import os", ""] if auth else []),
            "from openai import OpenAI",
            "",
            f"client = OpenAI(base_url={base!r}, api_key={key})",
            "stream = client.chat.completions.create(",
            f"    model={model!r},",
            "    messages=[{'role': 'user', 'content': 'Hello'}],",
            "    stream=True,",
            ")",
            "for chunk in stream:",
            "    if chunk.choices:",
            "        print(chunk.choices[0].delta.content or '', end='', flush=True)",
        ]
    )
