"""Builds what Outlook makes: winmail.dat (TNEF), saved messages (.msg), and the compound files around them."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# A compound file (OLE) ---------------------------------------------------------------------------------

_SECTOR = 512
_MINI = 64
_CUTOFF = 4096
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_NONE = 0xFFFFFFFF


@dataclass
class _Entry:
    name: str
    kind: int
    data: bytes = b""
    children: list[int] = field(default_factory=list)
    start: int = _END
    left: int = _NONE
    right: int = _NONE
    child: int = _NONE


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file with these streams, by path ("storage/stream")."""
    entries = _tree(streams)
    mini, sectors, fat = bytearray(), bytearray(), []
    mini_fat: list[int] = []
    for entry in entries:
        if entry.kind == 2 and len(entry.data) < _CUTOFF:
            entry.start = _append(entry.data, mini, mini_fat, _MINI)
        elif entry.kind == 2:
            entry.start = _append(entry.data, sectors, fat, _SECTOR)
    entries[0].data = bytes(mini)
    entries[0].start = _append(bytes(mini), sectors, fat, _SECTOR)
    mini_start = _append(struct.pack(f"<{len(mini_fat)}I", *mini_fat), sectors, fat, _SECTOR, b"\xff")
    directory = b"".join(_record(entry) for entry in entries)
    directory_start = _append(directory, sectors, fat, _SECTOR)
    count = 1
    while (len(fat) + count) * 4 > count * _SECTOR:
        count += 1
    first = len(fat)
    fat += [_FAT] * count
    fat += [_FREE] * (count * _SECTOR // 4 - len(fat))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, count,
        directory_start, 0, _CUTOFF, mini_start, -(-len(mini_fat) * 4 // _SECTOR), _END, 0,
    )  # fmt: skip
    table = [first + n for n in range(count)]
    header += struct.pack("<109I", *table, *[_FREE] * (109 - count))
    return header + bytes(sectors) + struct.pack(f"<{len(fat)}I", *fat)


def _tree(streams: Mapping[str, bytes]) -> list[_Entry]:
    entries = [_Entry("Root Entry", 5)]
    known = {"": 0}
    for path, data in streams.items():
        parent, steps = 0, path.split("/")
        for at, name in enumerate(steps):
            here = "/".join(steps[: at + 1])
            if here not in known:
                known[here] = len(entries)
                entries[parent].children.append(len(entries))
                is_stream = at == len(steps) - 1
                entries.append(_Entry(name, 2 if is_stream else 1, data if is_stream else b""))
            parent = known[here]
    for entry in entries:
        ordered = sorted(entry.children, key=lambda n: (len(entries[n].name), entries[n].name.upper()))
        entry.child = _balanced(entries, ordered)
    return entries


def _balanced(entries: list[_Entry], ordered: list[int]) -> int:
    if not ordered:
        return _NONE
    middle = len(ordered) // 2
    entries[ordered[middle]].left = _balanced(entries, ordered[:middle])
    entries[ordered[middle]].right = _balanced(entries, ordered[middle + 1 :])
    return ordered[middle]


def _append(data: bytes, to: bytearray, fat: list[int], size: int, pad: bytes = b"\0") -> int:
    if not data:
        return _END
    start, count = len(fat), -(-len(data) // size)
    to += data + pad * (count * size - len(data))
    fat += [*range(start + 1, start + count), _END]
    return start


def _record(entry: _Entry) -> bytes:
    name = entry.name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<III", entry.left, entry.right, entry.child)
    size = len(entry.data) if entry.kind in {2, 5} else 0
    start = 0 if entry.kind == 1 else entry.start
    return (
        name.ljust(64, b"\0")
        + struct.pack("<HBB", len(name), entry.kind, 1)
        + links
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


# A saved message (.msg) --------------------------------------------------------------------------------

_UNICODE, _BINARY, _INT, _OBJECT = 0x001F, 0x0102, 0x0003, 0x000D


_WORDS = "Please find our return attached."


def saved_message(
    files: Iterable[tuple[str, bytes]],
    *,
    inside: Iterable[tuple[str, bytes]] = (),
    depth: int = 1,
    text: str = _WORDS,
    html: str = "",
    rich: str = "",
    inside_text: str = _WORDS,
) -> bytes:
    """A message as Outlook saves it, with files; those `inside` are in a message attached to it, so many deep.

    What it says stands in it as `text`, as `html` or as `rich` text.
    """
    streams = dict(_message_streams("", tuple(files), tuple(inside), depth=depth, top=True))
    plain = "__substg1.0_1000001F"
    said = {name: inside_text.encode("utf-16-le") for name in streams if name.endswith(f"/{plain}")}
    more = {"__substg1.0_10130102": html.encode(), "__substg1.0_10090102": _pack_rich(rich) if rich else b""}
    return compound({**streams, plain: text.encode("utf-16-le"), **said, **{k: v for k, v in more.items() if v}})


def _pack_rich(text: str) -> bytes:
    """Rich text as Outlook packs it, without looking for what could be shorter."""
    raw = b"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\pard " + text.encode("cp1252") + b"\\par}"
    pieces = [raw[at : at + 8] for at in range(0, len(raw), 8)]
    packed = b"".join(b"\0" + piece for piece in pieces)
    return struct.pack("<IIII", len(packed) + 12, len(raw), 0x75465A4C, 0) + packed


def _message_streams(
    path: str, files: tuple[tuple[str, bytes], ...], inside: tuple[tuple[str, bytes], ...], *, depth: int, top: bool
) -> Iterable[tuple[str, bytes]]:
    count = len(files) + bool(inside)
    head = struct.pack("<8xIIII", 0, count, 0, count) + (bytes(8) if top else b"")
    texts = {0x001A: "IPM.Note", 0x0037: "RE: Return", 0x1000: "Please find our return attached."}
    yield f"{path}__properties_version1.0", head + b"".join(_property(p, _UNICODE, t) for p, t in texts.items())
    for pid, text in texts.items():
        yield f"{path}__substg1.0_{pid:04X}001F", text.encode("utf-16-le")
    if top:
        for name in ("00020102", "00030102", "00040102"):
            yield f"__nameid_version1.0/__substg1.0_{name}", b""
    for at, (name, data) in enumerate(files):
        yield from _attachment(f"{path}__attach_version1.0_#{at:08X}/", name, data)
    if inside:
        yield from _attached_message(f"{path}__attach_version1.0_#{len(files):08X}/", inside, depth)


def _attachment(path: str, name: str, data: bytes) -> Iterable[tuple[str, bytes]]:
    properties = _property(0x3705, _INT, 1) + _property(0x3707, _UNICODE, name) + _property(0x3701, _BINARY, data)
    yield f"{path}__properties_version1.0", bytes(8) + properties
    yield f"{path}__substg1.0_3707001F", name.encode("utf-16-le")
    yield f"{path}__substg1.0_37010102", data


def _attached_message(path: str, files: tuple[tuple[str, bytes], ...], depth: int) -> Iterable[tuple[str, bytes]]:
    properties = _property(0x3705, _INT, 5) + _property(0x3701, _OBJECT, b"")
    yield f"{path}__properties_version1.0", bytes(8) + properties
    held, deeper = ((), files) if depth > 1 else (files, ())
    yield from _message_streams(f"{path}__substg1.0_3701000D/", held, deeper, depth=depth - 1, top=False)


def _property(pid: int, kind: int, value: str | bytes | int) -> bytes:
    if isinstance(value, int):
        return struct.pack("<HHIII", kind, pid, 6, value, 0)
    size = len(value.encode("utf-16-le")) + 2 if isinstance(value, str) else len(value)
    return struct.pack("<HHIII", kind, pid, 6, size, 0)


# winmail.dat (TNEF) ------------------------------------------------------------------------------------


def winmail(files: Iterable[tuple[str, bytes]], *, attached: bytes = b"", body: str = "") -> bytes:
    """What Outlook sends as winmail.dat when it writes rich text to people outside; one may be attached to another."""
    out = struct.pack("<IH", 0x223E9F78, 1)
    out += _tnef(1, 0x00089006, struct.pack("<I", 0x00010000))
    out += _tnef(1, 0x00069007, struct.pack("<II", 1252, 0))
    out += _tnef(1, 0x00078008, b"IPM.Microsoft Mail.Note\0")
    out += _tnef(1, 0x00018004, b"RE: Return\0")
    out += _tnef(1, 0x0002800C, body.encode("cp1252") + b"\0") if body else b""
    for name, data in files:
        out += _tnef(2, 0x00069002, struct.pack("<HIHHI", 1, 0xFFFFFFFF, 0, 0, 0))
        out += _tnef(2, 0x00018010, name.encode("cp1252", "replace")[:8] + b"~1.XLS\0")
        out += _tnef(2, 0x0006800F, data)
        out += _tnef(2, 0x00069005, _long_name(name))
    if attached:
        out += _tnef(2, 0x00069002, struct.pack("<HIHHI", 1, 0xFFFFFFFF, 0, 0, 0))
        out += _tnef(2, 0x00069005, _message_object(attached))
    return out


def _tnef(level: int, attribute: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, attribute, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def _message_object(winmail: bytes) -> bytes:
    data = bytes.fromhex("0703020000000000c000000000000046") + winmail
    return struct.pack("<IHHII", 1, _OBJECT, 0x3701, 1, len(data)) + data + bytes(-len(data) % 4)


def _long_name(name: str) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<IHHII", 1, 0x001F, 0x3707, 1, len(text)) + text + bytes(-len(text) % 4)
