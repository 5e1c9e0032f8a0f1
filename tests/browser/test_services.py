"""A service's pages: a tab and an address for each side, its charts, alarms and events."""

from __future__ import annotations

import re
import sys
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from slipway.sdk.local import LocalPlatform
from tests.browser.console import Console

pytestmark = pytest.mark.browser

# Answers as a language model would, with usage, and tells its load.
ENGINE = """
import http.server, json, os

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.answer(json.dumps({"id": "c", "object": "chat.completion", "choices": [],
            "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}}).encode())

    def do_GET(self):
        self.answer(b"vllm:num_requests_running 1\\nvllm:num_requests_waiting 0\\n")

    def answer(self, data):
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
WORDS = {
    "en": {
        "tabs": ["Versions", "Call", "Monitoring", "Keys"],
        "version tabs": ["Basics", "Instances", "Monitoring", "Events", "Logs", "Update records"],
        "charts": ["Calls", "Latency", "Tokens a minute", "Time to first token",
                   "Mean tokens per call", "Requests a second", "Traffic"],
        "none": "No alarm watches this service.", "create one": "Create one", "name": "Name",
        "create": "Create", "alarms": "Alarms", "auto": "Refresh by itself", "refresh": "Refresh",
        "all": "All tokens",
        "columns": ["First", "Last", "Level", "What", "Type", "Of", "Times", "Description"],
    },
    "zh": {
        "tabs": ["版本管理", "服务调用", "调用监控", "密钥"],
        "version tabs": ["基本信息", "实例", "调用监控", "事件", "日志", "更新记录"],
        "charts": ["调用次数", "耗时", "每分钟 Token 数", "首 Token 耗时",
                   "平均每次调用 Token 数", "每秒请求数（QPS）", "网络流量"],
        "none": "该服务尚未配置告警。", "create one": "立即创建", "name": "名称", "create": "创建",
        "alarms": "告警", "auto": "自动刷新", "refresh": "刷新", "all": "Token 总数",
        "columns": ["首次", "最近", "级别", "事件", "对象类型", "对象", "次数", "说明"],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def service(platform: LocalPlatform) -> str:
    client = platform.client()
    project = client.storage.default_bucket()
    client.storage.write(f"{project}/engine/engine.py", ENGINE.encode())
    made = client.services.create(
        "talker", "llm", model={"kind": "storage", "ref": f"{project}/engine"}, cpu_cores=0.1,
        command=f'exec {sys.executable} -S "$MODEL_DIR/engine.py"', memory_bytes=128 << 20,
    )  # fmt: skip
    client.services.wait(made.id, timeout_s=90)
    url = f"{platform.gateway_url}/{made.id}/v1/chat/completions"
    asked = {"model": "talker", "messages": [{"role": "user", "content": "hello"}]}
    for _ in range(5):
        httpx.post(url, json=asked, trust_env=False).raise_for_status()
    return made.id


@pytest.mark.covers("SRV-51", "SRV-52", "SRV-66")
def test_each_side_has_an_address_and_the_monitor_its_charts_and_alarms(
    console: Console, page: Page, service: str, language: str, platform: LocalPlatform
) -> None:
    w: dict[str, Any] = WORDS[language]
    console.sign_in()
    expect(page.get_by_role("navigation").first).to_be_visible()
    for base, names in (
        (f"/services/{service}", w["tabs"]),
        (f"/services/{service}/versions/{service}-1", w["version tabs"]),
    ):
        console.open(base)
        for name in names:
            page.get_by_role("tab", name=name, exact=True).click()
            expect(page).to_have_url(re.compile(rf"{base}(/[a-z-]+)?$"))
        here = page.url
        page.reload()  # an address of its own: a fresh load shows the same side
        expect(page.get_by_role("tab", name=names[-1], exact=True)).to_have_attribute(
            "aria-selected", "true"
        )
        assert page.url == here
    console.open(f"/services/{service}/monitor")
    for label in w["charts"]:
        console.see_chart(label)
    expect(page.get_by_text(w["all"], exact=True)).to_be_visible()
    console.see(w["none"])
    page.get_by_role("button", name=w["create one"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name=w["name"], exact=True).fill("too many errors")
    dialog.get_by_role("button", name=w["create"]).click()
    row = page.get_by_role("row", name=re.compile("too many errors"))
    expect(row).to_contain_text("> 5")
    api = platform.client().services
    (alarm,) = api.alarms(service)
    api.delete_alarm(service, alarm.id)


@pytest.mark.covers("SRV-53")
def test_events_of_a_version_refresh_by_themselves_unless_switched_off(
    console: Console, page: Page, service: str, language: str, platform: LocalPlatform
) -> None:
    w: dict[str, Any] = WORDS[language]
    api = platform.client().services
    console.sign_in()
    expect(page.get_by_role("navigation").first).to_be_visible()
    console.open(f"/services/{service}/versions/{service}-1/events")
    for column in w["columns"]:
        expect(page.get_by_role("columnheader", name=column, exact=True)).to_be_visible()
    rows = page.get_by_role("row")
    expect(rows).not_to_have_count(1)
    before = rows.count()
    api.update(f"{service}-1", description=f"first {language}")
    expect(rows).to_have_count(before + 1 if language == "en" else before)
    page.get_by_role("switch", name=w["auto"]).click()
    held = rows.all_inner_texts()
    heard = page.evaluate("performance.getEntriesByType('resource').length")
    api.update(f"{service}-1", priority=3 if language == "en" else 4)
    # The page has heard of it, and asked for what it shows of the service.
    page.wait_for_function(
        "seen => performance.getEntriesByType('resource').length > seen", arg=heard
    )
    assert rows.all_inner_texts() == held
    page.get_by_role("button", name=w["refresh"], exact=True).click()
    expect(rows.filter(has_text="priority").first).to_be_visible()
