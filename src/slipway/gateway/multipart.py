"""The few text fields of a form with files, as audio calls send it."""

import re

from slipway.gateway.errors import BAD_REQUEST, Refused

_BOUNDARY = re.compile(rb'boundary="?([^";,\s]{1,70})"?', re.IGNORECASE)
_NAME = re.compile(rb'[;\s]name="([^"]*)"', re.IGNORECASE)
_FILE_NAME = re.compile(rb'filename="([^"]*)"', re.IGNORECASE)
_MAX_FIELD_BYTES = 4096
_MAX_PARTS = 64


def is_form(content_type: bytes) -> bool:
    return content_type.lower().startswith(b"multipart/form-data")


def fields(content_type: bytes, body: bytes) -> dict[str, str]:
    """Text fields by name; files are not read. Raises Refused for a broken form or a name twice."""
    found: dict[str, str] = {}
    for part in _parts(content_type, body):
        head, mark, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not mark or name is None:
            raise Refused(BAD_REQUEST, "The form in the body is broken.")
        if b"filename" in head.lower() or len(content) > _MAX_FIELD_BYTES:
            continue
        field = name[1].decode(errors="replace")
        if field in found:
            raise Refused(
                BAD_REQUEST, f"`{field[:100]}` stands twice in the form.", param=field[:100]
            )
        found[field] = content.removesuffix(b"\r\n").decode(errors="replace")
    return found


def file_part(content_type: bytes, body: bytes) -> tuple[str, str, bytes]:
    """(purpose, name of the file, its content). Raises Refused."""
    purpose = fields(content_type, body).get("purpose", "")
    for part in _parts(content_type, body):
        head, _, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if name is not None and name[1] == b"file" and (called := _FILE_NAME.search(head)):
            return purpose, called[1].decode(errors="replace"), content.removesuffix(b"\r\n")
    raise Refused(BAD_REQUEST, "The form holds no file.", param="file")


def replacing_field(content_type: bytes, body: bytes, field: str, value: str) -> bytes:
    """The same form with another value of one text field."""
    mark = b"--" + _boundary(content_type)
    parts = body.split(mark)
    for number, part in enumerate(parts):
        head, blank, _ = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if (
            blank
            and name is not None
            and name[1] == field.encode()
            and b"filename" not in head.lower()
        ):
            parts[number] = head + blank + value.encode() + b"\r\n"
    return mark.join(parts)


def _parts(content_type: bytes, body: bytes) -> list[bytes]:
    parts = body.split(b"--" + _boundary(content_type), _MAX_PARTS)
    if len(parts) < 2 or not parts[-1].startswith(b"--"):
        raise Refused(BAD_REQUEST, "The form in the body is broken.")
    return parts[1:-1]


def _boundary(content_type: bytes) -> bytes:
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise Refused(BAD_REQUEST, "The form in the body has no boundary.")
    return found[1]
