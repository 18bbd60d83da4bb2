"""Marks by which a person might be recognised in what somebody wrote: asked about, never quoted back."""

from __future__ import annotations

import re

_MARKS = (
    ("an e-mail address", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,63}")),
    ("a telephone number", re.compile(r"(?<![\d.,/])(?:\+44 ?\(?0?\)?|0)\d(?:[ -]?\d){8,9}(?![\d/])")),
    ("a postcode", re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-BD-HJLNP-UW-Z]{2}\b")),
    ("a National Insurance number", re.compile(r"\b[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", re.IGNORECASE)),
    (
        "a date of birth",
        re.compile(
            r"\b(?:d\.?o\.?b\.?|date of birth|born)\b\W{0,5}(?:on |in )?(?:the )?\d{1,2}(?:[/.-]| ?[a-z]{2} | )",
            re.IGNORECASE,
        ),
    ),
)


def marks(text: str) -> tuple[str, ...]:
    """What the text seems to hold, such as "a telephone number"; () for nothing."""
    return tuple(name for name, pattern in _MARKS if pattern.search(text[:40_000]))
