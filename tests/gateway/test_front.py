"""The front door itself: HTTPS, caps per address, bodies that drip, numbers for Prometheus."""

import datetime
import json
import socket
import ssl
import time

import httpx
import openai
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .control_plane import group, key, llm_service
from .loop_thread import wait_for
from .upstreams import openai_like

USER = {"role": "user", "content": "hi"}


def certificate(folder):
    """(file with certificate and key, the same to trust)"""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file, trusted = folder / "cert.pem", folder / "trusted.pem"
    file.write_bytes(pem + secret)
    trusted.write_bytes(pem)
    return file, trusted


@pytest.mark.covers("GWY-26")
def test_https_at_the_gateway(control, start_gateway, upstream, tmp_path, name):
    file, trusted = certificate(tmp_path)
    control.put("service", llm_service(name, upstream(openai_like).port))
    control.put("key", key("key-1", "secret", name))
    gateway = start_gateway(control.url, "--tls-cert", str(file))
    context = ssl.create_default_context(cafile=str(trusted))
    base = f"https://localhost:{gateway.port}/v1"
    with httpx.Client(verify=context) as http:
        wait_for(
            lambda: http.get(f"https://localhost:{gateway.port}/healthz").json()["control"] == "connected",
            "the feed",
        )  # fmt: skip
        with openai.OpenAI(base_url=base, api_key="secret", http_client=http) as client:
            answer = client.chat.completions.create(model=f"{name}-model", messages=[USER])
            assert answer.choices[0].message.content == "Hello!"
            stream = client.chat.completions.create(
                model=f"{name}-model", messages=[USER], stream=True
            )
            assert len(list(stream)) > 3
            picture = client.images.generate(
                model=f"{name}-model", prompt="x", size="64x64", response_format="url"
            )
            assert picture.data[0].url.startswith(f"https://localhost:{gateway.port}/generated/")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        with pytest.warns(DeprecationWarning):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with (
            socket.create_connection(("127.0.0.1", gateway.port), 5) as raw,
            pytest.raises((ssl.SSLError, ConnectionError, OSError)),
        ):
            old.wrap_socket(raw)
    with socket.create_connection(("127.0.0.1", gateway.port), 5) as raw:
        raw.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        assert not raw.recv(100).startswith(b"HTTP/1.1 200")
    assert gateway.stop() == 0


def test_one_address_cannot_take_all_connections(control, start_gateway):
    gateway = start_gateway(control.url, "--connections-per-address", "5")
    gateway.wait_connected()
    held = [socket.create_connection(("127.0.0.1", gateway.port), 10) for _ in range(5)]
    try:
        for line in held:
            line.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 200")
        with socket.create_connection(("127.0.0.1", gateway.port), 10) as one_too_many:
            answer = b""
            while more := one_too_many.recv(65536):
                answer += more
        assert answer.startswith(b"HTTP/1.1 429 ")
    finally:
        for line in held:
            line.close()
    wait_for(lambda: httpx.get(f"{gateway.url}/healthz").status_code == 200, "room again", 60)


def test_a_body_that_drips_is_given_up_in_the_end(control, start_gateway, upstream, name):
    server = upstream(openai_like)
    control.put("service", llm_service(name, server.port, auth=False))
    gateway = start_gateway(control.url, "--whole-body-s", "1", "--body-timeout-s", "30")
    gateway.wait_connected()
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", gateway.port), 10) as line:
        line.sendall(
            f"POST /{name}/v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\n".encode()
        )
        line.settimeout(0.1)
        answer = b""
        while b"\r\n\r\n" not in answer and time.monotonic() - began < 60:
            try:
                line.sendall(b"x")
                answer += line.recv(65536)
            except TimeoutError:
                continue
            except ConnectionError:
                break
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert not server.requests


@pytest.mark.covers("GWY-X6")
def test_numbers_for_prometheus(world, upstream, http, name):
    world.put("service", llm_service(name, upstream(openai_like).port))
    world.put("group", group(f"sg-{name}", name))
    world.put("key", key(f"key-{name}", f"{name}-secret", group=f"sg-{name}"))
    headers = {"authorization": f"Bearer {name}-secret"}
    body = {"model": f"{name}-model", "messages": [USER]}
    for _ in range(3):
        assert http.post("/v1/chat/completions", json=body, headers=headers).status_code == 200
    streamed = http.post("/v1/chat/completions", json={**body, "stream": True}, headers=headers)
    assert "[DONE]" in streamed.text
    values = {}
    for line in http.get("/metrics").text.splitlines():
        if f'service="{name}"' in line:
            series, _, value = line.rpartition(" ")
            values[series.replace(f'service="{name}"', "").replace("{,", "{")] = float(value)
    of = "slipway_gateway_"
    assert values[of + 'requests_total{status="200"}'] == 4
    assert values[of + "request_duration_seconds_count{}"] == 4
    assert values[of + "first_byte_seconds_count{}"] == 4
    assert values[of + 'first_byte_seconds_bucket{le="+Inf"}'] == 4
    for kind in ("request_duration", "first_byte"):
        p50, p95 = (values[f'{of}{kind}_seconds_quantile{{quantile="{q}"}}'] for q in (0.5, 0.95))
        assert 0 < p50 <= p95
    assert values[of + "streamed_tokens_total{}"] == 120
    assert values[of + "tokens_per_second{}"] > 0


@pytest.mark.covers("GWY-X6")
def test_traces_for_a_collector_that_was_named(control, start_gateway, upstream, name):
    """A child of the caller's own span; nothing of what was asked; a collector away costs no call."""
    spans: list[dict] = []

    async def collect(request, line):
        assert request.target == "/v1/traces"
        for resource in json.loads(request.body)["resourceSpans"]:
            spans.extend(s for scope in resource["scopeSpans"] for s in scope["spans"])
        await line.json(200, {})

    collector, server = upstream(collect), upstream(openai_like)
    control.put("service", llm_service(name, server.port))
    control.put("key", key("key-1", "secret", name))
    gateway = start_gateway(control.url, "--otlp", f"http://127.0.0.1:{collector.port}")
    gateway.wait_connected()
    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    sent = {"model": f"{name}-model", "messages": [{**USER, "content": "very private words"}]}
    headers = {"authorization": "Bearer secret", "traceparent": f"00-{trace}-{parent}-01"}

    def call(**more):
        return httpx.post(
            f"{gateway.url}/v1/chat/completions", json={**sent, **more}, headers=headers
        )

    assert call().status_code == 200 and call(model="none").status_code == 400
    good, bad = wait_for(lambda: len(spans) == 2 and spans, "two spans", 60)
    assert (good["traceId"], good["parentSpanId"]) == (trace, parent)
    assert int(good["endTimeUnixNano"]) > int(good["startTimeUnixNano"])
    said = {a["key"]: next(iter(a["value"].values())) for a in good["attributes"]}
    assert said["gen_ai.request.model"] == f"{name}-model"
    assert (said["gen_ai.usage.input_tokens"], said["gen_ai.usage.output_tokens"]) == ("9", "12")
    assert said["slipway.ttft_ms"] > 0 and said["http.response.status_code"] == "200"
    assert (good["status"]["code"], bad["status"]["code"]) == (1, 2)
    assert "private" not in json.dumps(spans)
    assert f"00-{trace}-{parent}-01" == server.requests[0].headers["traceparent"]
    collector.close()
    assert [call().status_code for _ in range(5)] == [200] * 5
    assert gateway.stop() == 0
