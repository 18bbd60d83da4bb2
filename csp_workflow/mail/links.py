"""Links to shared files, also inside the wrappers that mail security puts round every link. Never followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from csp_workflow.mail.headers import safely

_LINK = re.compile(r"https?://[^\s\"'<>]{1,2000}", re.IGNORECASE)
_MOST = 50
_STORES = (
    "sharepoint.com", "1drv.ms", "onedrive.live.com", "onedrive.com", "docs.google.com", "drive.google.com",
    "dropbox.com", "box.com", "we.tl", "wetransfer.com", "icloud.com", "huddle.com", "objective.com",
)  # fmt: skip
# A link to a shared file of Office, on whatever host: /:x:/ is a workbook, /:f:/ a folder, and so on.
_OFFICE_PATH = re.compile(r"/:[a-z]:/", re.IGNORECASE)
_WRAPPERS = ("safelinks.protection.outlook.com", "urldefense.proofpoint.com", "urldefense.com", "urldefense.us")
_V3 = re.compile(r"/v3/__(?P<link>.{1,1800}?)__;", re.IGNORECASE)
_DEEPEST = 3


def shared_links(text: str) -> tuple[str, ...]:
    """The links in a text that lead to shared files, as they are written."""
    return tuple(link for link in _links(text) if is_shared_file(link))


def is_shared_file(link: str) -> bool:
    """Whether a link, wrapped or not, leads to a store of shared files."""
    parts = safely(lambda: urlsplit(unwrapped(link)), None)
    if parts is None:
        return False
    host = safely(lambda: parts.hostname or "", "").lower()
    return bool(_OFFICE_PATH.match(parts.path)) or any(host == store or host.endswith(f".{store}") for store in _STORES)


def unwrapped(link: str) -> str:
    """The link inside the wrappers of Microsoft and Proofpoint, or the link itself."""
    for _ in range(_DEEPEST):
        inner = safely(lambda at=link: _inside(at), "")  # type: ignore[misc]
        if not inner:
            return link
        link = inner
    return link


def _inside(link: str) -> str:
    parts = urlsplit(link)
    host = (parts.hostname or "").lower()
    if not any(host == wrapper or host.endswith(f".{wrapper}") for wrapper in _WRAPPERS):
        return ""
    third = _V3.search(link)
    if third:
        return unquote(third["link"])
    values = parse_qs(parts.query)
    if "url" in values:
        return values["url"][0]
    # The second version writes "-" for "%" and "_" for "/".
    return unquote(values["u"][0].replace("-", "%").replace("_", "/")) if "u" in values else ""


def _links(text: str) -> Iterator[str]:
    for at, match in enumerate(_LINK.finditer(text)):
        if at >= _MOST:
            return
        yield match[0].rstrip(").,;")
