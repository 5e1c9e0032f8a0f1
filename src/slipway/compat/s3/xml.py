"""XML in and out. What comes in is small, and has no document type: nothing in it expands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from slipway.compat.s3.errors import S3Error

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def tag(name: str, value: object) -> str:
    return f"<{name}>{words(value)}</{name}>"


def optional(name: str, value: object | None) -> str:
    return "" if value is None else tag(name, value)


def group(name: str, parts: Iterable[str]) -> str:
    return f"<{name}>{''.join(parts)}</{name}>"


def document(name: str, parts: Iterable[str]) -> bytes:
    inside = "".join(parts)
    return f'{_HEAD}<{name} xmlns="{_NAMESPACE}">{inside}</{name}>'.encode()


def error_document(code: str, message: str, request_id: str, details: dict[str, str]) -> bytes:
    more = "".join(tag(name, value) for name, value in details.items())
    inside = tag("Code", code) + tag("Message", message) + more + tag("RequestId", request_id)
    return f"{_HEAD}<Error>{inside}</Error>".encode()


def words(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return moment(value)
        case _:
            return "".join(
                letter if _allowed(letter) else f"&#x{ord(letter):x};"
                for letter in escape(str(value))
            )


def moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


def parse(body: bytes, name: str) -> ElementTree.Element:
    """The root, which must be called `name`; namespaces are dropped."""
    if b"<!" in body:
        raise S3Error("MalformedXML", "The XML holds a document type, which is not allowed.")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314  no entities: refused above
    except (ElementTree.ParseError, ValueError, LookupError):
        raise S3Error("MalformedXML", "The XML in the body cannot be read.") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    if root.tag != name:
        raise S3Error("MalformedXML", f"The XML in the body must be a {name}.")
    return root


def text_of(element: ElementTree.Element, name: str) -> str | None:
    found = element.find(name)
    return None if found is None else (found.text or "")


def _allowed(letter: str) -> bool:
    """XML 1.0 has no control characters; as numbers at least some readers take them."""
    return letter >= " " or letter in "\t\n"
