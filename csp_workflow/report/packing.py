"""Re-zips a Word file so that the same parts always give the same bytes."""

from __future__ import annotations

import io
import re
import zipfile

_STAMP = (1980, 1, 1, 0, 0, 0)


def packed(data: bytes, *, drop: tuple[str, ...] = ()) -> bytes:
    """The same parts in a fixed order with fixed stamps; parts whose name begins like one of `drop` are left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = [n for n in old.namelist() if not n.startswith(drop or ("\0",))]
        for name in sorted(names, key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            new.writestr(info, _without(old.read(name), name, drop))
    return out.getvalue()


def _without(part: bytes, name: str, drop: tuple[str, ...]) -> bytes:
    """Relations and content types of a dropped part are dropped with it."""
    if not drop or not (name.endswith(".rels") or name == "[Content_Types].xml"):
        return part
    for gone in drop:
        leaf = re.escape(gone.rsplit("/", 1)[-1].encode() or gone.encode())
        part = re.sub(rb'<(?:Relationship|Override)\b[^>]*"[^"]*' + leaf + rb'[^"]*"[^>]*/>', b"", part)
    return part
