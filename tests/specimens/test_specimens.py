"""Every letter of a real site, written for everybody it may go to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from shutil import copytree

import pytest
import tomlkit

from csp_workflow import settings
from csp_workflow.letters.catalogue import environment, render
from csp_workflow.rehearsal.specimens import every_letter
from csp_workflow.rehearsal.specimens.checking import INDEX, checked, list_warnings, one_of_each, preview, quarters_of
from csp_workflow.rehearsal.specimens.stage import Story
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Letter, PreconditionFailed
from csp_workflow.terms.service import ConfigInvalid
from csp_workflow.terms.site import RespondentKind, Role

CONFIG = settings.find_defaults() / "config"
Q2 = Quarter(2014, 2)
TODAY = date(2014, 10, 1)
SITE, _ = settings.load(CONFIG, environment={})
TEMPLATES = settings.read_templates(CONFIG)
FOLDERS = {name.partition("/")[0] for name in TEMPLATES if "/" in name}


@cache
def written() -> tuple[Letter, ...]:
    """Every letter of the default site, written once, and not by whoever only collects the tests."""
    return tuple(every_letter(SITE, Q2))


@pytest.fixture
def site_folder(tmp_path: Path) -> Path:
    """A site of its own, laid out as `init` does."""
    settings.lay_out_folders(tmp_path / "site")
    return tmp_path / "site"


@pytest.fixture
def small_folder(site_folder: Path) -> Path:
    """The same when most partnerships had ended, with enough of them for a letter of every kind."""
    file = site_folder / "config" / "partnerships.toml"
    laid = tomlkit.parse(file.read_text("utf-8"))
    for one in laid["partnerships"]:
        if one["key"] not in FEW:
            one["valid_to"] = date(2014, 3, 31)
    file.write_text(tomlkit.dumps(laid), "utf-8")
    return site_folder


FEW = {"charnwood", "harborough", "melton"}


def run(*words: object) -> int:
    """The command as typed."""
    from csp_workflow.cli import run as command

    return command([str(word) for word in words])


def test_every_folder_of_templates_has_specimens_and_no_specimen_is_without_a_folder():
    assert {letter.kind for letter in written()} == FOLDERS


def test_every_letter_renders_for_everybody_with_the_default_configuration():
    made = environment(TEMPLATES)
    for letter in written():
        words = render(letter, SITE.office, environment=made)
        assert letter.recipient_name in words.text or letter.kind in {"digest", "answer-from-office"}


def test_every_respondent_gets_the_letters_of_its_kind():
    got = {key: {x.kind for x in written() if key in x.respondents} for key in (r.key for r in SITE.respondents)}
    everybody = {"reminder-overdue", "receipt", "correction", "nil-recorded", "question-received", "wrong-quarter"}
    asks = {
        RespondentKind.PARTNERSHIP: {"request", "request-chair", "approval-request", "overdue-chair"},
        RespondentKind.CONTRIBUTOR: {"request-contributor"},
        RespondentKind.ANALYST: {"request-analyst"},
    }
    for respondent in SITE.respondents:
        assert everybody | asks[respondent.kind] <= got[respondent.key], respondent.key


def test_contributors_are_never_asked_for_an_approval():
    partnerships = {r.key for r in SITE.respondents if r.needs_approval}
    assert {key for x in written() if x.kind.startswith("approval") for key in x.respondents} == partnerships


def test_the_same_site_gives_the_same_letters():
    def write() -> list[Letter]:
        # XlsxWriter writes a process's first workbook a little differently from all later ones.
        return [replace(letter, attachments=()) for letter in every_letter(SITE, Q2, among={"harborough", "melton"})]

    assert write() == write()


def test_no_two_letters_of_one_story_share_a_cause_requests_to_approve_among_them(monkeypatch: pytest.MonkeyPatch):
    stories: list[Story] = []
    begin = Story.__post_init__

    def keep(story: Story) -> None:
        begin(story)
        stories.append(story)

    monkeypatch.setattr(Story, "__post_init__", keep)
    assert tuple(every_letter(SITE, Q2, among={"charnwood", "harborough", "melton", "public-health"}))
    sent = [Counter((x.kind, x.cause, x.recipient) for x in story.letters) for story in stories]
    assert {kind for counted in sent for kind, _, _ in counted} > {"approval-request", "approval-reminder"}
    by_hand = {"circulation", "certificate-request"}  # scenes send these themselves, to play what follows
    twice = [key for counted in sent for key, number in counted.items() if number > 1 and key[0] not in by_hand]
    assert not twice


def test_letters_can_be_made_for_some_respondents_only():
    made = tuple(every_letter(SITE, Q2, among={"charnwood"}))
    assert {key for x in made for key in x.respondents} == {"charnwood"}
    assert not tuple(every_letter(SITE, Q2, among=()))


def test_a_partnership_without_lead_and_chair_is_passed_over():
    alone = replace(SITE, respondents=tuple(replace(r, contacts=()) for r in SITE.respondents[:1]))
    office = {x.recipient for x in written() if not x.respondents}
    made = [x for x in every_letter(alone, Q2) if x.kind != "confirm-address"]  # whoever is named by order
    assert {x.recipient for x in made} <= office


def test_config_check_counts_what_it_checked_and_notes_a_meeting_that_cannot_take_its_quarter(
    site_folder: Path, capsys: pytest.CaptureFixture[str]
):
    misspell(site_folder / "config" / "calendar.toml", "day = 2014-12-17", "day = 2014-10-30")
    assert run("--config", site_folder / "config", "config", "check", "--json") == 0
    shown = capsys.readouterr()
    assert '"respondents": 20' in shown.out
    assert '"measures": 40' in shown.out
    assert "No faults." in shown.err
    assert "Please note: 2014/15 Q2:" in shown.err
    assert "Please note" not in shown.out


def misspell(file: Path, was: str, becomes: str) -> None:
    text = file.read_text("utf-8")
    assert was in text
    file.write_text(text.replace(was, becomes, 1), "utf-8")


MISSPELT = {
    "request/body.txt": ("{{ forms[0].name }}", "{{ formz[0].name }}", "'formz' is undefined"),
    "query-reminder/body.html": ("{{ close | moment }}", "{{ closing | moment }}", "'closing' is undefined"),
    "digest/body.txt": ("{{ round.headline }}", "{{ round.headlines }}", "no attribute 'headlines'"),
    "approval-again/subject.txt": ("{{ seen.name }}", "{{ seen.nane }}", "no attribute 'nane'"),
    "command-done/subject.txt": ("{{ (done |", "{{ (dune |", "'dune' is undefined"),
}


def test_every_misspelt_name_is_reported_once_with_letter_file_and_name(
    small_folder: Path, capsys: pytest.CaptureFixture[str]
):
    for file, (was, becomes, _) in MISSPELT.items():
        misspell(small_folder / "templates" / "emails" / file, was, becomes)
    assert run("--config", small_folder / "config", "config", "check") == 3
    faults = capsys.readouterr().err.splitlines()
    assert len(faults) == len(MISSPELT)
    for file, (_, _, cause) in MISSPELT.items():
        letter = file.partition("/")[0]
        (fault,) = [f for f in faults if f"templates/emails/{file} line" in f]
        assert fault.startswith(f"The letter '{letter}' cannot be written")
        assert cause in fault


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda emails: (emails / "receipt" / "body.html").unlink(), "templates/emails/receipt/body.html"),
        (
            lambda emails: (emails / "receipt").rename(emails / "reciept"),
            "templates/emails/receipt/body.txt: this file is missing",
        ),
        (lambda emails: (emails / "digest" / "body.txt").write_text("{% if %}"), "emails/digest/body.txt line 1"),
    ],
)
def test_missing_and_broken_files_are_reported(site_folder: Path, spoil: Callable[[Path], object], said: str):
    spoil(site_folder / "templates" / "emails")
    with pytest.raises(ConfigInvalid) as caught:
        checked(site_folder / "config", TODAY)
    assert said in str(caught.value)


def warned(config: Path) -> tuple[str, ...]:
    site, _ = settings.load(config, environment={})
    return tuple(list_warnings(site, quarters_of(site), settings.read_templates(config)))


def test_a_folder_without_a_letter_and_a_partnership_without_a_lead_are_warnings(site_folder: Path):
    emails = site_folder / "templates" / "emails"
    (emails / "reminder-never").mkdir()
    for name in ("subject.txt", "body.txt", "body.html"):
        (emails / "reminder-never" / name).write_text("Words")
    _take_leads_away(site_folder / "config" / "partnerships.toml")
    warnings = warned(site_folder / "config")
    assert any("reminder-never" in warning for warning in warnings)
    assert any("Charnwood" in w and "has no lead" in w for w in warnings)


def test_a_new_body_that_names_no_predecessor_is_a_warning(site_folder: Path):
    config = site_folder / "config" / "partnerships.toml"
    ended = config.read_text("utf-8").replace('key = "rutland"\n', 'key = "rutland"\nvalid_to = 2015-03-31\n')
    heir = (
        '\n[[partnerships]]\nkey = "north"\ncode = "NORTH"\nname = "Northern partnership"\nvalid_from = 2015-04-01\n'
        'areas = [{ code = "E22000172", name = "Rutland", upper_tier = "E06000017" }]\n'
        'contacts = [{ name = "Lead", role = "lead", address = "lead@north.example" },'
        ' { name = "Chair", role = "chair", address = "chair@north.example" }]\n'
    )
    config.write_text(ended + heir, "utf-8")
    said = [w for w in warned(site_folder / "config") if "predecessors = ['rutland']" in w]
    assert said[0].startswith("Northern partnership begins in Rutland, which Rutland Community Safety Partnership")
    config.write_text(ended + heir.replace("areas =", 'predecessors = ["rutland"]\nareas ='), "utf-8")
    assert not [w for w in warned(site_folder / "config") if "predecessors" in w]


def _take_leads_away(config: Path) -> None:
    leads = [c.address for c in SITE.respondent("charnwood").people(Role.LEAD, Q2.end)]
    text = config.read_text("utf-8")
    for address in leads:
        start = text.rindex("[[", 0, text.index(address))
        end = text.index("valid_from", text.index(address))
        text = f"{text[:start]}{text[start:end]}valid_to = 2015-03-31\n{text[end:]}"
    config.write_text(text, "utf-8")


def test_without_meetings_a_framework_s_first_quarter_is_checked():
    assert quarters_of(replace(SITE, meetings=())) == (Quarter(2014, 1),)


def test_the_preview_shows_each_kind_once_for_each_sort_of_respondent(previewed: Path):
    letters = one_of_each(SITE)
    assert {x.kind for x in letters} == FOLDERS
    sorts = Counter(x.kind for x in letters)
    assert sorts["reminder-overdue"] == 4  # partnership, contributor, analyst, officer of two districts
    assert sorts["proof-pack"] == sorts["draft-paper"] == 1
    pages = {path.name for path in previewed.iterdir()}
    assert len(pages) == 2 * len(letters) + 1
    assert "Illustrative" in (previewed / "receipt.01.html").read_text("utf-8")


def test_a_preview_of_a_site_without_leads_shows_what_its_chairs_get():
    chairs = tuple(c for c in SITE.respondent("charnwood").contacts if c.role is Role.CHAIR)
    alone = replace(SITE, respondents=(replace(SITE.respondent("charnwood"), contacts=chairs),))
    assert chairs[-1].address in {letter.recipient for letter in one_of_each(alone)}


@pytest.fixture(scope="module")
def previewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a preview; to be copied."""
    folder = tmp_path_factory.mktemp("previewed") / "preview"
    assert preview(CONFIG, folder)
    return folder


def test_a_preview_is_written_over_an_earlier_one_and_over_nothing_else(
    previewed: Path, small_folder: Path, tmp_path: Path
):
    folder = copytree(previewed, tmp_path / "preview")
    index = folder / INDEX
    stale = folder / "old-letter.01.txt"
    stale.write_text("An earlier letter")
    index.write_text(index.read_text("utf-8") + f'<a href="{stale.name}">')
    preview(small_folder / "config", folder)
    assert not stale.exists()
    index.unlink()
    with pytest.raises(PreconditionFailed, match="other files"):
        preview(small_folder / "config", folder)
    assert run("--config", small_folder / "config", "letters", "preview", folder) == 4
