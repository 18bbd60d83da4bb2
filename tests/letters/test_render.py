"""From templates and facts to words: the tag, the escaping, and errors a person can act on."""

from __future__ import annotations

import pytest
from letters_told import OFFICE, Q2, SITE, TEMPLATES, letter

from csp_workflow.letters.catalogue import LetterNotRendered, environment, faults, make_tag, render
from csp_workflow.terms.events import Manner

TAG = make_tag(Q2, ("CHARN",), key=b"")
SHARED = {name: text for name, text in TEMPLATES.items() if "/" not in name}


def folder(subject="A note", text="Dear {{ recipient_name }},", html="{% block content %}{% endblock %}"):
    """The shared templates with one letter of the kind "note"."""
    page = '{% extends "_layout.html" %}{% import "_macros.html" as m %}' + html
    return SHARED | {"note/subject.txt": subject, "note/body.txt": text, "note/body.html": page}


def written(text="Hello", html="{% block content %}{% endblock %}", subject="A note", facts=None, **changes):
    """A letter of the kind "note", rendered."""
    given = letter(facts={"codes": ("CHARN",), **(facts or {})}, **changes)
    return render(given, OFFICE, environment=environment(folder(subject, text, html)))


def test_the_subject_ends_with_the_tag_of_the_cycle_and_the_respondents():
    assert written().subject == f"A note {TAG}"


def test_a_marking_stands_before_the_subject_and_at_the_top_of_the_letter():
    words = render(letter(), OFFICE, environment=environment(folder()), marking="OFFICIAL-SENSITIVE")
    assert words.subject.startswith("OFFICIAL-SENSITIVE: A note")
    assert "OFFICIAL-SENSITIVE" in words.html


def test_the_subject_is_one_line_whatever_a_fact_holds():
    subject = written(subject="About {{ name }}\n", facts={"name": "x\r\nBcc: all@b.example\u2028y\x00"}).subject
    assert subject == f"About x Bcc: all@b.example y {TAG}"


def test_a_very_long_subject_is_cut_before_its_tag():
    subject = written(subject="word " * 100).subject
    assert len(subject) <= 200
    assert subject.endswith(f"… {TAG}")


def test_html_escapes_facts_and_plain_text_does_not():
    words = written("{{ said }}", "{% block content %}<p>{{ said }}</p>{% endblock %}", facts={"said": "A & <b>B</b>"})
    assert words.text == "A & <b>B</b>\n"
    assert "<p" in words.html
    assert "A &amp; &lt;b&gt;B&lt;/b&gt;" in words.html


def test_macros_escape_what_they_are_given():
    html = (
        "{% block content %}{{ m.bullets([said]) }}{{ m.quote(said) }}{{ m.key_facts([(said, said)]) }}{% endblock %}"
    )
    assert "<script>" not in written(html=html, facts={"said": "<script>"}).html


def test_an_unknown_name_is_one_error_that_says_letter_file_line_and_name():
    with pytest.raises(LetterNotRendered) as fault:
        written("Dear {{ recipient_name }},\n{% if true %}\nIt is due on {{ due | day }}.\n{% endif %}\n")
    assert str(fault.value) == (
        "The letter 'note' cannot be written: templates/emails/note/body.txt line 3: 'due' is undefined."
    )


def test_a_missing_folder_is_the_same_error():
    with pytest.raises(LetterNotRendered, match=r"'unheard-of' cannot be written: .*unheard-of/subject.txt"):
        render(letter(kind="unheard-of"), OFFICE, environment=SITE)


@pytest.mark.parametrize(
    "text",
    [
        "{{ count | day }}",
        "{{ count.__class__ }}",
        "{{ '' | nofilter }}",
        "{% include 'nowhere.txt' %}",
        "{{ 1 / 0 }}",
        "{%",
    ],
)
def test_every_slip_in_a_template_is_that_error_too(text):
    with pytest.raises(LetterNotRendered, match="The letter 'note' cannot be written"):
        written(text, facts={"count": 3})


def test_a_fact_may_not_take_the_name_of_what_is_always_there():
    with pytest.raises(LetterNotRendered, match="may not be called 'office'"):
        written(facts={"office": "mine"})


def test_a_tag_at_the_end_of_a_sentence_keeps_the_line_end_and_a_line_of_tags_leaves_nothing():
    text = (
        "{% set x = 1 %}\nA{% if x %} B{% endif %}\nC\n{% for n in (1, 2) %}\n  - {{ n }}\n{% endfor %}\n{# why #}\nD"
    )
    assert written(text).text == "A B\nC\n  - 1\n  - 2\nD\n"


def test_the_footer_says_who_to_phone_why_we_hold_a_name_and_who_reads_replies():
    words = written('Hello\n{% include "_footer.txt" %}')
    for body in (words.text, words.html):
        assert "0116 496 0000" in body
        assert "We hold your name" in body
        assert "reads any" in body


def test_the_offices_own_letters_carry_no_privacy_line():
    words = written('Hello\n{% include "_footer.txt" %}', manner=Manner.OFFICE)
    assert "We hold your name" not in words.text + words.html


def test_a_demonstration_says_so_in_both_bodies():
    words = render(
        letter(), OFFICE, environment=environment(folder(text='{% include "_footer.txt" %}')), illustrative=True
    )
    assert "ILLUSTRATIVE" in words.text
    assert "Illustrative." in words.html


def test_the_layout_is_an_accessible_page_with_inlined_styles_and_nothing_remote():
    html = written().html
    assert '<html lang="en-GB">' in html
    assert f"<title>A note {TAG}</title>" in html
    assert 'role="presentation"' in html
    assert "@media" in html
    assert '<body style="' in html
    assert "http" not in html
    assert "<img" not in html


def test_the_same_letter_gives_the_same_words():
    assert written("{{ recipient_name }}") == written("{{ recipient_name }}")


def test_the_sites_templates_have_no_faults():
    assert faults(TEMPLATES) == ()


def test_missing_files_and_bad_syntax_are_all_named_before_any_letter_is_written():
    found = faults({"note/subject.txt": "x", "other/body.txt": "{% if %}"})
    assert "templates/emails/note/body.txt: this file is missing." in found
    assert any(fault.startswith("templates/emails/other/body.txt line 1:") for fault in found)
    assert len(found) == 5


def test_macros_say_the_same_in_text_and_in_html():
    rows = '[{"sheet": "Figures", "cell": "M14", "found": "", "wanted": "a number", "example": "12"}]'
    use = (
        f"{{{{ m.findings({rows}) }}}}"
        '{{ m.table("Counts", ("Area", "Now"), [("Charnwood", "1,204")], numeric=(1,)) }}'
        '{{ m.steps(["First"]) }}{{ m.notice("Look") }}{{ m.heading("Title") }}{{ m.key_facts([("Due", "today")]) }}'
        '{{ m.quote("as said") }}{{ m.bullets(["point"]) }}'
    )
    words = written('{% import "_macros.txt" as m %}' + use, "{% block content %}" + use + "{% endblock %}")
    for said in (
        "Figures",
        "M14",
        "nothing",
        "a number",
        "12",
        "Charnwood",
        "1,204",
        "First",
        "Look",
        "today",
        "as said",
    ):
        assert said in words.text
        assert said in words.html
    assert 'scope="col"' in words.html
    assert 'scope="row"' in words.html
