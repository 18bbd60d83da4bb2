"""The return reference: it says whose form it is, of which quarter, in which issue; its seal says that it is ours."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

_SEAL_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")
_DASH = r"\s*[-\u2010-\u2015\u2212_]\s*"
_REFERENCE = re.compile(
    r"(?<![A-Z0-9])([A-Z][A-Z0-9]{1,15})" + _DASH + r"(\d{4}(?:Q[1-4]|M))" + _DASH
    + r"F(\d{1,3}(?:\.\d{1,3})?)" + _DASH + r"R(\d{1,4})" + _DASH + r"([0-9A-Z]{8})(?![A-Z0-9])",
    re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, order=True)
class FormVersion:
    """The version of a form's layout, such as 2.1. A major one has answers elsewhere, a minor one more words."""

    major: int
    minor: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}" if self.minor else str(self.major)

    @classmethod
    def parse(cls, text: str) -> FormVersion:
        """The version that is written so. Raises ValueError for anything else."""
        major, _, minor = text.partition(".")
        return cls(int(major), int(minor or 0))


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The return reference, such as "CHARN-1415Q2-F2.1-R1-7K3M9QXA". It identifies, never authenticates.

    `code` is the respondent's, `period` the quarter's, or "1415M" for a year's measures, `form` the layout's version,
    `revision` counts forms issued to the respondent in the cycle, `seal` is a short HMAC over the rest.
    """

    code: str
    period: str
    form: FormVersion
    revision: int
    seal: str

    def __str__(self) -> str:
        return f"{self.code}-{self.period}-F{self.form}-R{self.revision}-{self.seal}"


def seal_reference(code: str, period: str, form: FormVersion, revision: int, *, key: bytes) -> Reference:
    """A sealed reference for a respondent's code, a quarter's code, a layout version and a revision."""
    return Reference(
        code=code, period=period, form=form, revision=revision, seal=_make_seal(code, period, form, revision, key=key)
    )


def find_reference(text: str) -> Reference | None:
    """The first return reference in a text, whatever its case, dashes and spaces; None without one."""
    match = _REFERENCE.search(text)
    if not match:
        return None
    code, period, form, revision, sealed = (part.upper() for part in match.groups())
    return Reference(
        code=code,
        period=period,
        form=FormVersion.parse(form),
        revision=int(revision),
        seal=sealed.translate(_MISREAD),
    )


def is_genuine(reference: Reference, *, key: bytes) -> bool:
    """Whether the seal is ours: a mistyped or made-up reference has another."""
    ours = _make_seal(reference.code, reference.period, reference.form, reference.revision, key=key)
    return hmac.compare_digest(ours.encode(), reference.seal.encode())


def _make_seal(code: str, period: str, form: FormVersion, revision: int, *, key: bytes) -> str:
    """Forty bits of an HMAC in eight characters that nobody confuses when reading aloud."""
    named = f"return reference\0{code}\0{period}\0{form}\0{revision}"
    bits = int.from_bytes(hmac.digest(key, named.encode(), hashlib.sha256)[:5], "big")
    return "".join(_SEAL_LETTERS[bits >> shift & 31] for shift in range(35, -1, -5))
