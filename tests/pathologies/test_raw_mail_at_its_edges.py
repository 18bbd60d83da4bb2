"""Raw mail at its edges: names in too many pieces, absences without a day, folders with too many files."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from email.message import EmailMessage, Message

import pytest

from csp_workflow.mail.classify import last_day_away
from csp_workflow.mail.headers import read_file_name
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.terms.messages import IncomingMessage
from tests.pathologies.test_inside import bringing, ends

AT = datetime(2014, 10, 20, 9, tzinfo=UTC)


def saying(words: str) -> IncomingMessage:
    message = EmailMessage()
    message["From"] = "lead@charnwood.example"
    message.set_content(words)
    return unpack_message(message.as_bytes(), received=AT)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("I am away until 27/10/14.", date(2014, 10, 27)),
        ("I am away until 27 October.", date(2014, 10, 27)),
        ("I am back on 27 October.", date(2014, 10, 26)),
        ("I am away until 2 January.", date(2015, 1, 2)),
        ("I am away until 31 February.", None),
        ("I am away until 1 October 2014.", None),
        ("I am away.", None),
    ],
)
def test_the_last_day_away(words: str, day: date | None) -> None:
    assert last_day_away(saying(words)) == day


def named(disposition: str) -> str:
    part = Message()
    part["Content-Disposition"] = disposition
    return read_file_name(part)


def test_a_long_name_that_says_nothing_gives_way_to_the_plain_one() -> None:
    assert named("attachment; filename*=utf-8''; filename=\"return.xlsx\"") == "return.xlsx"
    assert named("attachment; filename*=utf-8''r%C3%A9turn.xlsx; filename=\"return.xlsx\"") == "r\u00e9turn.xlsx"


def test_a_name_in_thousands_of_pieces_is_read_no_further_than_a_hundred() -> None:
    name = named("attachment" + "".join(f"; filename*{n % 1000}=a" for n in range(5_000)))
    assert name == "a" * 100


def test_a_zip_folder_with_thousands_of_files_is_refused() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as folder:
        for number in range(3_000):
            folder.writestr(f"{number}.txt", b"")
    assert ends(bringing(("returns.zip", held.getvalue()))) == [("returns.zip", "zip too large")]
