"""The return reference: sealed when a form is written, found again in whatever text it stands.

It identifies a form; it never authenticates whoever sends it.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from csp_workflow.terms.returns import Reference

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")
_DASH = r"\s*[-\u2010-\u2015\u2212_]\s*"
_PATTERN = re.compile(
    r"(?<![A-Z0-9])([A-Z][A-Z0-9]{1,15})" + _DASH + r"(\d{4}Q[1-4])" + _DASH + r"F(\d{1,3})" + _DASH
    + r"R(\d{1,4})" + _DASH + r"([0-9A-Z]{8})(?![A-Z0-9])",
    re.IGNORECASE,
)  # fmt: skip


def seal(code: str, period: str, form: int, revision: int, *, key: bytes) -> Reference:
    """A sealed reference for a respondent's code, a quarter's code, a layout version and a revision."""
    return Reference(
        code=code, period=period, form=form, revision=revision, seal=_sealed(code, period, form, revision, key=key)
    )


def find(text: str) -> Reference | None:
    """The first return reference in a text, whatever its case, dashes and spaces; None without one."""
    match = _PATTERN.search(text)
    if not match:
        return None
    code, period, form, revision, sealed = (part.upper() for part in match.groups())
    return Reference(code=code, period=period, form=int(form), revision=int(revision), seal=sealed.translate(_MISREAD))


def is_genuine(reference: Reference, *, key: bytes) -> bool:
    """Whether the seal is ours: a mistyped or made-up reference has another."""
    ours = _sealed(reference.code, reference.period, reference.form, reference.revision, key=key)
    return hmac.compare_digest(ours.encode(), reference.seal.encode())


def _sealed(code: str, period: str, form: int, revision: int, *, key: bytes) -> str:
    """Forty bits of an HMAC in eight characters that nobody confuses when reading aloud."""
    said = f"return reference\0{code}\0{period}\0{form}\0{revision}"
    bits = int.from_bytes(hmac.digest(key, said.encode(), hashlib.sha256)[:5], "big")
    return "".join(_LETTERS[bits >> shift & 31] for shift in range(35, -1, -5))
