"""Bank details, and words that say that they are others now: recognised, so that they are never acted on or repeated.

A changed account in an e-mail is how public bodies are robbed. A sort code beside an account number counts, a valid
IBAN (ISO 13616) and a sentence in which the sender says that an account has changed. Telephone numbers, references,
days and what people report about fraud do not. No site can switch this off.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

BANK_DETAILS = "bank details"
"""The reason for which a file is not read, and why a message waits for a person."""

BANK_KEPT_BACK = "[kept back: it may hold bank details]"

_LONGEST = 400_000
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
_BLANKS = re.compile(r"[^\S\n]+")
_DIGIT = re.compile(r"\d")
_FEWEST = 6
"""Digits of a sort code; an account number and an IBAN have more. Most texts have fewer, and are told so at once."""

_SORT_CODE = r"(?<![\d./£-])\d\d(?:(?P<{0}>[ .\-/]|)\d\d(?P={0})\d\d)(?![\d/]|[.-]\d)"
_ACCOUNT = r"(?<![\d./£-])(?:\d(?: |-|)){7}\d(?![\d/]|[.-]\d)"
_IS_CODE = r"sort(?:ing)?[ -]?code|sort:|s/c\b|c[oô]d didoli"
_IS_ACCOUNT = r"account|acc(?:t|ount)?\b\.?|a/c|acct|cyfrif"
# What may stand between a label and its number: blanks, a colon, "is", a cell or a line.
_TO_NUMBER = (
    r"(?:[^\w]|is|no|num|number|numbers|of|our|the|are|to|use|ref|code|and|account|name|a/c|sort|rhif|yw){0,12}?"
)
_LABELLED_CODE = re.compile(rf"(?:\b(?:{_IS_CODE}){_TO_NUMBER}){_SORT_CODE.format('a')}", re.IGNORECASE)
_LABELLED_ACCOUNT = re.compile(rf"\b(?:{_IS_ACCOUNT}){_TO_NUMBER}{_ACCOUNT}", re.IGNORECASE)
_OF_A_BANK = re.compile(rf"\b(?:{_IS_CODE}|bank|banking|bacs|chaps|iban|building society|banc)\b", re.IGNORECASE)
_NOT_OF_A_BANK = re.compile(r"\b(?:food|blood|river|west|south|data|milk|clothes|toy|snow|job) ?bank", re.IGNORECASE)
# A sort code with dashes and eight digits behind it need no label, unless the first may be a day.
_PAIR = re.compile(
    rf"(?<![\d.,/£-])(?!(?:0[1-9]|[12]\d|3[01])-(?:0\d|1[0-2])-\d\d)\d\d-\d\d-\d\d{_TO_NUMBER}{_ACCOUNT}", re.IGNORECASE
)
_SHORT_PAIR = re.compile(
    rf"\b(?:sc\W{{1,3}}|(?:bank details|bacs|bank:|payee|remit)[^.!?]{{0,60}}?\b){_SORT_CODE.format('b')}"
    rf"(?:\W{{1,6}}|\W{{1,3}}(?:an|ac|acc|account)\b\W{{1,3}}){_ACCOUNT}",
    re.IGNORECASE,
)
"""Without a label in full, behind words of payment."""
_IBAN = re.compile(r"(?<![A-Za-z\d])[A-Za-z]{2}\d\d(?:[ \-]?[A-Za-z\d]){11,30}")
_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18,
    "FR": 27, "GB": 22, "GG": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IM": 22, "IS": 26, "IT": 27,
    "JE": 22, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25,
    "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TR": 26,
}  # fmt: skip
"""How long an IBAN of a country is, by the SWIFT registry: of any length one code in five would seem to be one."""

_OURS = (
    r"our|my|the (?:council|partnership|csp|office|grant|payee|supplier|charity|company|team|authority)'?s?"
    r"|(?:council|partnership|borough|district|county)'?s|new|your records of our|ein"
)
_KIND = r"(?:bank(?:ing)?(?: account)?|payment|bacs|account|remittance)"
_THINGS = (
    rf"(?:{_KIND} (?:details?|information|account|mandate|instructions?|number)|bank account"
    r"|sort code|banks?(?! holidays?\b)|manylion banc)"
)
_CHANGED = (
    r"chang(?:ed|e|es|ing)|updat(?:ed|e|ing)|amend(?:ed)?|moved|switched|replaced|closed|new|different|as follows|below"
    r"|attached|wedi newid"
)
_NAMES_ACCOUNT = re.compile(r"\b(?:bank|account|sort code|bacs|payment|remittance|manylion banc)", re.IGNORECASE)
"""Told first, since hardly any sentence does."""
_NEAR = r"[^.!?\n]{0,60}?\b"
_SAYS = re.compile(
    rf"\b(?:{_OURS}) (?:\w+ ){{0,2}}?{_THINGS}\b{_NEAR}(?:{_CHANGED})\b"
    rf"|\b(?:we|i|we've|i've|we have|i have|the council has|council have|has|have)\b[^.!?\n]{{0,30}}?\b(?:{_CHANGED}) "
    rf"(?:\w+ ){{0,3}}?{_THINGS}\b"
    rf"|\b(?:please|kindly|must|should|to)\b{_NEAR}(?:updat|amend|chang|us)(?:e|ing)?\b[^.!?\n]{{0,30}}?"
    rf"\b(?:our|my|new|these|this|the following|following) (?:\w+ ){{0,2}}?{_THINGS}\b"
    rf"|\b(?:change|changes|update|notice) (?:of|to|in) (?:our |my |the )?(?:\w+ )?{_THINGS}\b"
    rf"|\b(?:new|updated|changed|revised|amended|different) {_THINGS}\b"
    r"|\b(?:pay|send|transfer|paid|payments?|remit|grant|money|funds?)\b[^.!?\n]{0,60}?\b(?:in)?to "
    r"(?:a|our|the|this|my) (?:(?:new|different|following|other|updated|another) (?:bank )?account\b"
    r"|(?:bank )?account (?:below|above|shown|attached|given)\b)"
    r"|\b(?:our|my|the council's|the partnership's) account (?:has|is|was|will)\b[^.!?\n]{0,20}?\bchang(?:ed|e|ing)\b"
    r"|\bwe (?:now )?bank with\b|\b(?:our|my) bank(?:ing)? (?:is now|has moved|to)\b"
    r"|\bchanges? (?:of|to|in) (?:our |my )?banking\b"
    r"|\b(?:chang|updat|amend)(?:e|ing) (?:the|our|your|my) bank(?: account)? details\b",
    re.IGNORECASE,
)
# What is said of fraud, of a rule, or of nothing having changed, is no such change.
_IS_NONE = re.compile(
    r"\b(?:not|never|no|won't|haven't|hasn't|don't|doesn't|didn't|cannot|can't|nor|if|unless|whether|fraud\w*|scam\w*"
    r"|phish\w*|victims?|residents?|beware|suspicious\w*|bogus|fake|criminals?|offenders?|pensioners?|customers?"
    r"|training|campaign|tricked|conned|impersonat\w*|food|blood|river|supporting|helped|offences?|thefts?)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n\s*\n")


@lru_cache(maxsize=512)  # the same words are looked at as a subject, a part and a whole
def has_bank_details(text: str) -> bool:
    """Whether a text seems to hold somebody's bank details, or says that these have changed."""
    plain = _plain(text[:_LONGEST])
    if _has_numbers(plain):
        return True
    return bool(_NAMES_ACCOUNT.search(plain)) and any(
        _says_changed(" ".join(one.split())) for one in _SENTENCE.split(plain)
    )


def keep_back_bank_details(text: str) -> str:
    """A text as it may be kept and shown: one that may hold bank details is kept back whole."""
    return BANK_KEPT_BACK if has_bank_details(text) else text


def _plain(text: str) -> str:
    """Digits, dashes and blanks of every alphabet as people type them; what nobody sees left out."""
    if text.isascii():
        return _BLANKS.sub(" ", text.replace("\r", ""))
    folded = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).replace("\u2019", "'").replace("\r", "")
    digits = _FOREIGN_DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), folded)
    return _BLANKS.sub(" ", _DASHES.sub("-", digits))


def _has_numbers(text: str) -> bool:
    if len(_DIGIT.findall(text)) < _FEWEST:
        return False
    if any(pattern.search(text) for pattern in (_LABELLED_CODE, _PAIR, _SHORT_PAIR)):
        return True
    if _OF_A_BANK.search(_NOT_OF_A_BANK.sub(" ", text)) and _LABELLED_ACCOUNT.search(text):
        return True
    return any(map(_is_iban, _IBAN.findall(text)))


def _is_iban(found: str) -> bool:
    """Whether it begins with an IBAN, by its check digits: words may follow without a mark."""
    plain = re.sub(r"[ \-]", "", found).upper()
    length = _LENGTHS.get(plain[:2], 0)
    whole = plain[:length]
    return 0 < length <= len(plain) and int("".join(str(int(c, 36)) for c in whole[4:] + whole[:4])) % 97 == 1


def _says_changed(sentence: str) -> bool:
    return bool(_NAMES_ACCOUNT.search(sentence) and _SAYS.search(sentence) and not _IS_NONE.search(sentence))
