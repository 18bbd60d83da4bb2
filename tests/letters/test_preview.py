"""Every letter on paper."""

from __future__ import annotations

from csp_workflow.letters.catalogue import Rendered
from csp_workflow.rehearsal.specimens.checking import INDEX, index


def test_each_letter_has_a_page_and_a_text_and_the_index_leads_to_all():
    words = Rendered(subject="A <note>", text="Hello\n", html="<p>Hello</p>")
    files = index([("request", words), ("request", words), ("request-chair", words)])
    assert set(files) == {
        INDEX,
        *(f"{name}.{end}" for name in ("request.01", "request.02", "request-chair.01") for end in ("html", "txt")),
    }
    assert files["request.02.html"] == "<p>Hello</p>"
    assert files["request.01.txt"].startswith("Subject: A <note>\n\nHello")
    assert all(f'href="{name}"' in files[INDEX] for name in files if name != INDEX)
    assert "A &lt;note&gt;" in files[INDEX]
    assert "3 letters" in files[INDEX]


def test_a_kind_can_never_lead_out_of_the_folder():
    words = Rendered(subject="s", text="t", html="h")
    assert set(index([("../../etc/x", words), ("", words)])) == {
        INDEX, "etc-x.01.html", "etc-x.01.txt", "letter.01.html", "letter.01.txt",
    }  # fmt: skip
