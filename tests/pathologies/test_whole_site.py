"""Containers through a whole site: a real mailbox, the real sandbox, a real store, one beat."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps.telling import inbox
from tests.pathologies.books import zipped
from tests.pathologies.outlook import saved_message, winmail
from tests.pathologies.signing import encrypted, signed_in_pieces
from tests.story.site_told import CO_ORDINATOR, Played, filled

_PACKED: dict[str, Callable[[tuple[str, bytes]], tuple[str, bytes]]] = {
    "lead@leicester.example": lambda file: ("winmail.dat", winmail([file])),
    "lead@charnwood.example": lambda file: ("Return.msg", saved_message([], inside=[file])),
    "lead@blaby-hinckley.example": lambda file: ("Return.zip", zipped(file)),
    "lead@nwl.example": lambda file: ("smime.p7m", encrypted()),
    "lead@rutland.example": lambda file: (
        "winmail.dat",
        winmail([file])[:-400].replace(b"\x02\x02\x90", b"\x02\xff\xff"),
    ),
}
_SIGNED = "lead@oadby-wigston.example"


def wrapped_reply(letter: Post, sender: str, file: tuple[str, bytes]) -> bytes:
    """A reply that lies whole inside an opaque signature."""
    entity = EmailMessage()
    entity.set_content("Our return.")
    entity.add_attachment(file[1], maintype="application", subtype="octet-stream", filename=file[0])
    outer = EmailMessage()
    outer["From"], outer["To"], outer["Subject"] = sender, letter.sender, f"RE: {letter.subject}"
    outer["Message-ID"], outer["In-Reply-To"] = "<signed@mail.example>", letter.message_id
    outer.set_content(
        signed_in_pieces(entity.as_bytes()), maintype="application", subtype="pkcs7-mime", filename="smime.p7m"
    )
    return outer.as_bytes()


def test_what_lies_inside_containers_is_taken_and_what_cannot_be_opened_is_answered(tmp_path: Path) -> None:
    site = Played.laid_out(tmp_path / "opcc")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    asked = {letter.to: letter for letter in site.new_letters() if "Please fill in" in " ".join(letter.text.split())}
    for sender, packed in _PACKED.items():
        site.reply(asked[sender], sender, "Our return.", packed(filled(asked[sender])))
    site.drop(wrapped_reply(asked[_SIGNED], _SIGNED, filled(asked[_SIGNED])))
    beat = site.beat("16 Oct 10:00")
    assert not beat.failed_steps
    verdicts = {row["from"]: row["verdict"] for row in site.ask(inbox) if row["from"] != CO_ORDINATOR}  # type: ignore[attr-defined]
    unread = {"lead@nwl.example", "lead@rutland.example"}
    assert verdicts == {sender: "unreadable" if sender in unread else "return" for sender in (*_PACKED, _SIGNED)}
    assert "encrypted" in site.the_letter("lead@nwl.example", "nothing is recorded yet").text
    assert "winmail.dat" in site.the_letter("lead@rutland.example", "nothing is recorded yet").text
