"""Small model programs that really compute: words told back, pictures looked at, pictures drawn."""

from __future__ import annotations

import shlex
import sys

# Answers with the words of the question in reverse, one chunk a word. `max_tokens` cuts it; a
# question that begins with "forever" is answered until nobody listens, which it writes down.
# A picture is described by its size and its mean colour.
TALKER = r"""
import base64, http.server, io, json, os, pathlib, time

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.reply(200, {"object": "list", "data": [{"id": "talker", "object": "model"}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if body.get("temperature", 1) > 2:
            return self.reply(400, {"error": {"code": "500002", "type": "PARAM_ERROR",
                                              "message": "temperature must be at most 2."}})
        words, thought = self.words(body["messages"])
        if words[:1] == ["forever"]:
            return self.forever()
        words = words[: body.get("max_tokens") or len(words)]
        usage = {"prompt_tokens": sum(len(str(m["content"]).split()) for m in body["messages"]),
                 "completion_tokens": len(words)}
        usage["total_tokens"] = sum(usage.values())
        if not body.get("stream"):
            return self.reply(200, {"choices": [{"index": 0, "finish_reason": "stop",
                "message": {"role": "assistant", "content": " ".join(words)}}], "usage": usage})
        self.begin()
        if thought:
            self.chunk({"choices": [{"index": 0, "delta": {"reasoning_content": thought}}]})
        for at, word in enumerate(words):
            self.chunk({"choices": [{"index": 0, "delta": {"content": word if at == 0 else " " + word}}]})
        self.chunk({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self.chunk({"choices": [], "usage": usage})
        self.send(b"data: [DONE]\n\n")
        self.send(b"")

    def words(self, messages):
        content = messages[-1]["content"]
        persona = messages[0]["content"] if messages[0]["role"] == "system" else ""
        if isinstance(content, str):
            said = content.split()
            if said[:1] == ["forever"]:
                return ["forever"], ""
            return said[::-1] + persona.split(), f"reversing {len(said)} words"
        from PIL import Image
        found = []
        for part in content:
            if part["type"] == "image_url":
                data = base64.b64decode(part["image_url"]["url"].partition("base64,")[2])
                image = Image.open(io.BytesIO(data)).convert("RGB")
                red, green, blue = image.resize((1, 1)).getpixel((0, 0))
                found += [f"{image.width}x{image.height}", f"rgb({red},{green},{blue})"]
        return found, ""

    def forever(self):
        self.begin()
        told = 0
        try:
            while True:
                self.chunk({"choices": [{"index": 0, "delta": {"content": f"{told} "}}]})
                told += 1
                time.sleep(0.01)
        except OSError:
            pathlib.Path(os.environ["LEFT"]).write_text(str(told))
            self.close_connection = True

    def begin(self):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def chunk(self, value):
        said = {"id": "c1", "object": "chat.completion.chunk", "model": "talker"} | value
        self.send(b"data: " + json.dumps(said).encode() + b"\n\n")

    def send(self, data):
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def reply(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

address = ("127.0.0.1", int(os.environ["PORT"]))
http.server.ThreadingHTTPServer(address, Handler).serve_forever()
"""

# A tiinfer package: draws what the words say in colours that follow from them, in the format of
# the OpenAI images API. The same words and seed give the same picture.
PAINTER = b"""
import base64, hashlib, io, math, time
import tiinfer
from PIL import Image

TONES = {"cartoon": 1.6, "technology": 0.8, "photography": 1.0}


class Painter(tiinfer.Model):
    def predict(self, request):
        width, height = (int(side) for side in request.get("size", "512x512").split("x"))
        style = request.get("style", "standard")
        pictures = [
            self.paint(f"{request['prompt']}|{style}|{request.get('seed', 0)}|{at}", width, height,
                       TONES.get(style, 1.2))
            for at in range(request.get("n", 1))
        ]
        return {
            "created": int(time.time()),
            "data": [{"b64_json": picture, "revised_prompt": request["prompt"]} for picture in pictures],
        }

    def paint(self, words, width, height, tone):
        seed = hashlib.sha256(words.encode()).digest()
        image = Image.new("RGB", (width // 4, height // 4))
        pixels = image.load()
        for x in range(image.width):
            for y in range(image.height):
                u, v = x / image.width, y / image.height
                wave = [
                    math.sin(tone * (u * (seed[i] / 20) + v * (seed[i + 3] / 20)) + seed[i + 6])
                    for i in range(3)
                ]
                pixels[x, y] = tuple(int(127 + 120 * value) for value in wave)
        out = io.BytesIO()
        image.resize((width, height), Image.Resampling.BICUBIC).save(out, "PNG")
        return base64.b64encode(out.getvalue()).decode()
"""


def talker_command() -> str:
    return f"exec {sys.executable} -c {shlex.quote(TALKER)}"
