"""People go on leave, change jobs, and their addresses die: the round goes on with whoever is there."""

from __future__ import annotations

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps import telling
from csp_workflow.terms.service_status import ServiceStatus
from tests.story.bounces_told import bounce, out_of_office
from tests.story.site_told import CO_ORDINATOR, Q2, Played, filled, said
from tests.story.site_told import at as moment

LEAD, DEPUTY, CHAIR = "lead@leicester.example", "deputy@leicester.example", "chair@leicester.example"


def the_request(site: Played) -> Post:
    request = site.the_letter(LEAD, "Please fill in")
    site.new_letters()
    return request


def service(site: Played) -> ServiceStatus:
    known = site.ask(lambda outside: outside.store.service_status())
    assert isinstance(known, ServiceStatus)
    return known


def to_leicester(site: Played) -> list[Post]:
    return [letter for letter in site.new_letters() if "leicester" in letter.to]


def test_after_a_letter_comes_back_the_deputy_is_asked_and_reminded_and_sends_the_return(site: Played) -> None:
    request = the_request(site)
    site.drop(bounce(request))
    site.beat("15 Oct 10:00")
    (told,) = site.new_letters(CO_ORDINATOR)
    assert f"ADDRESS OK {LEAD}" in said(told)
    assert "CONTACT LEIC lead Name Surname <address>" in said(told)
    (asked,) = site.new_letters()
    assert asked.to == DEPUTY
    assert "Reply to this letter with the name and email address" in said(asked)
    assert f"ADDRESS OK {LEAD}" in said(site.told_in_full("17 Oct 07:35"))
    site.beat("21 Oct 09:10")
    (reminder,) = to_leicester(site)
    assert reminder.to == DEPUTY
    assert "You get this because Leicester Lead Officer cannot be reached by email." in said(reminder)
    sentences = site.ask(lambda outside: telling.explain_letters(outside, Q2, "leicester", moment("21 Oct 10:00")))
    assert "Letters go to Leicester Deputy Lead Officer (deputy)." in " ".join(sentences)  # type: ignore[arg-type]
    site.reply(reminder, DEPUTY, "Our return.", filled(reminder))
    site.beat("21 Oct 10:00")
    assert site.state("leicester") == "complete"


def test_the_co_ordinator_says_that_the_address_works_again(site: Played) -> None:
    site.drop(bounce(the_request(site), status="5.2.2"))
    site.beat("15 Oct 10:00")
    assert set(service(site).undeliverable) == {LEAD}
    site.reply(site.new_letters(CO_ORDINATOR)[0], CO_ORDINATOR, f"ADDRESS OK {LEAD}<mailto:{LEAD}>")
    site.beat("15 Oct 10:05")
    assert f"Letters go to {LEAD} again." in said(site.new_letters(CO_ORDINATOR)[0])
    assert not service(site).undeliverable


def test_forged_foreign_and_passing_reports_silence_nobody(site: Played) -> None:
    request = the_request(site)
    site.drop(bounce(request, original="<csp.abcdefghijklmnopqrstuvwxyz234567@opcc.example>"))
    site.drop(bounce(request, to=CHAIR))
    site.drop(bounce(request, status="4.4.1", action="delayed"))
    site.drop(bounce(request, status="4.2.2"))
    site.beat("15 Oct 10:00")
    assert {letter.to for letter in site.new_letters()} == {CO_ORDINATOR}
    assert not service(site).undeliverable
    verdicts = site.ask(lambda outside: [m.verdict.value for m in outside.store.messages() if m.verdict])
    assert verdicts.count("bounce") == 4  # type: ignore[attr-defined]


def test_our_mail_refused_by_several_holds_sending_until_she_resumes_it(site: Played) -> None:
    leads = ("lead@leicester.example", "lead@nwl.example", "lead@charnwood.example")
    asked = [site.the_letter(lead, "Please fill in") for lead in leads]
    site.new_letters()
    for request in asked:
        site.drop(bounce(request, status="5.7.1", said="550 5.7.1 SPF check failed for opcc.example"))
    site.beat("15 Oct 10:00")
    held, first = sorted(site.new_letters(), key=lambda letter: "put on hold" not in said(letter))
    assert {first.to, held.to} == {CO_ORDINATOR}
    assert "SPF check failed for opcc.example" in said(first)
    assert "All sending was put on hold" in said(held)
    assert (service(site).on_hold, service(site).undeliverable) == (True, {})
    site.beat("16 Oct 07:35")
    assert "All sending is on hold. The mail systems of 3 people refused our mail" in said(site.new_letters()[-1])
    site.reply(held, CO_ORDINATOR, "RESUME")
    site.beat("16 Oct 08:00")
    assert (service(site).on_hold, service(site).refused) == (False, {})


def test_whoever_has_left_is_thanked_and_written_to_no_more_unless_a_return_comes_from_them(site: Played) -> None:
    request = the_request(site)
    site.reply(request, LEAD, "Hello,\n\nI no longer work on this. Sam Smith has taken over from me.\n")
    site.beat("15 Oct 10:00")
    (thanks,) = site.new_letters(LEAD)
    assert "Thank you for telling us" in said(thanks)
    assert "Sam Smith has taken over from me." in said(site.new_letters(CO_ORDINATOR)[0])
    (asked,) = site.new_letters()
    assert asked.to == DEPUTY
    assert "this is no longer for them" in said(asked)
    site.reply(thanks, LEAD, "You are welcome. I wonder who reads this?")
    site.beat("15 Oct 10:05")
    assert not site.new_letters(LEAD)
    site.reply(request, LEAD, "Our return, as nobody else has done it.", filled(request))
    site.beat("15 Oct 10:10")
    assert site.state("leicester") == "complete"
    assert not service(site).undeliverable
    assert site.new_letters(LEAD)


def test_while_the_lead_is_away_the_deputy_is_reminded_with_the_form_and_told_why(site: Played) -> None:
    request = the_request(site)
    site.drop(out_of_office(request, "I am out of the office until Friday 24 October 2014."))
    site.beat("15 Oct 10:00")
    phrase = (
        "Leicester Lead Officer is away until 24 Oct 2014; reminders go to Leicester Deputy Lead Officer until then"
    )
    assert phrase in said(site.told_in_full("17 Oct 07:35"))
    site.beat("21 Oct 09:10")
    (reminder,) = to_leicester(site)
    assert reminder.to == DEPUTY
    assert "is away until Friday 24 October 2014" in said(reminder)
    assert [name for name, _ in reminder.workbooks] == [name for name, _ in request.workbooks]


def test_whoever_writes_is_back(site: Played) -> None:
    request = the_request(site)
    site.drop(out_of_office(request, "I am on leave and will answer when I am back."))
    site.beat("15 Oct 10:00")
    assert service(site).absences[LEAD].assumed
    site.reply(request, LEAD, "Thank you.")
    site.beat("15 Oct 10:05")
    assert not service(site).absences
