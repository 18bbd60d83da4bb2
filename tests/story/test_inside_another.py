"""A form inside somebody else's message, which a lead passes on: what it says beside the form reaches its readers."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from csp_workflow.rehearsal.partners.mail import Post
from tests.story.site_told import CO_ORDINATOR, Played, filled, said

LEAD = "lead@charnwood.example"
SAID = "Please treat L2 as provisional, since August is not in it yet."


def of_a_colleague(letter: Post) -> bytes:
    """A colleague's answer to our own letter, quoted as programs do, with the form."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "Jo Officer <jo@charnwood.example>", LEAD
    message["Subject"], message["Message-ID"] = f"RE: {letter.subject}", "<inner-1@charnwood.example>"
    message["In-Reply-To"] = letter.message_id
    quoted = "\n".join(f"> {line}" for line in letter.text.split("\n"))
    message.set_content(f"Hi\n\n{SAID}\n\nOn 15 October 2014, CSP returns wrote:\n{quoted}\n")
    name, data = filled(letter)
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def test_a_colleague_s_message_saved_and_sent_on_is_read_with_its_words(site: Played) -> None:
    asked = site.the_letter(LEAD, "Please fill in")
    inner = of_a_colleague(asked)
    site.reply(asked, LEAD, "Please find our return attached.", ("Jo's figures.eml", inner))
    site.beat("16 Oct 10:00")
    receipt = said(site.the_letter(LEAD, "have received the return"))
    assert SAID in receipt
    site.beat("17 Oct 07:35")
    question = said(site.the_letter(CO_ORDINATOR, "waits for your answer"))
    assert SAID in question
    for letter in (receipt, question):
        assert "of Jo Officer" in letter
        assert "fill in the white" not in letter
        assert letter.count("Please treat L2") == 1
