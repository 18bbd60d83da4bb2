"""Words of a PDF that is drawn in letters of its own, as word processors and browsers write them."""

from __future__ import annotations

import zlib

import pytest

from csp_workflow.mail.files import read_file_words
from csp_workflow.terms.bank_details import has_bank_details

SAID = "Sort code 12-34-56 account number 12345678"
LETTERS = sorted(set(SAID))


def explain(width: int) -> bytes:
    """What each code of the font stands for, the first as spans, the others one by one."""
    codes = "".join(f"<{at:0{width}X}> <{ord(one):04X}>\n" for at, one in enumerate(LETTERS[2:], start=3))
    spans = f"<{1:0{width}X}> <{2:0{width}X}> [<{ord(LETTERS[0]):04X}> <{ord(LETTERS[1]):04X}>]\n"
    return (
        f"1 begincodespacerange <{0:0{width}X}> <{16**width - 1:X}> endcodespacerange\n"
        f"1 beginbfrange {spans} endbfrange {len(LETTERS) - 2} beginbfchar {codes} endbfchar"
    ).encode()


def draw(width: int, *, apart: bool) -> bytes:
    codes = [f"{LETTERS.index(one) + 1:0{width}X}" for one in SAID]
    pieces = "".join(f"<{one}> -3 " for one in codes) if apart else f"<{''.join(codes)}>"
    return f"BT /F7 11 Tf 50 700 Td [{pieces}] TJ ET".encode()


def stream(body: bytes) -> bytes:
    packed = zlib.compress(body)
    return b"<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(packed), packed)


def write_pdf(width: int, *, apart: bool, packed: bool) -> bytes:
    page, font = b"<</Type/Page/Resources<</Font<</F7 5 0 R>>>>/Contents 4 0 R>>", b"<</Type/Font/ToUnicode 6 0 R>>"
    parts = {4: stream(draw(width, apart=apart)), 6: stream(explain(width))}
    if packed:
        parts[9] = stream(b"3 0 5 %d " % (len(page) + 1) + page + b" " + font)
    else:
        parts |= {3: page, 5: font}
    return b"%PDF-1.5\n" + b"\n".join(b"%d 0 obj\n%s\nendobj" % part for part in parts.items()) + b"\n%%EOF"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("width", [2, 4])
def test_letters_of_its_own_are_read_where_it_explains_them(width: int, *, apart: bool, packed: bool) -> None:
    words = read_file_words(write_pdf(width, apart=apart, packed=packed))
    assert SAID in words
    assert has_bank_details(words)


@pytest.mark.parametrize("spoilt", [b"%PDF-1.5\n3 0 obj", b"%PDF-1.5\nstream\nx\nendstream /F7 5 0 R /ToUnicode 6 0 R"])
def test_what_is_none_says_nothing(spoilt: bytes) -> None:
    assert not has_bank_details(read_file_words(spoilt))
