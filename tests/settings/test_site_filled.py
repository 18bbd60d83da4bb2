"""What reaches the `Site` and the `Service`: overrides, dated data, several years, the environment, laying out."""

from __future__ import annotations

import shutil
import stat
from datetime import date

import pytest
from settings_told import CONFIG, FRAMEWORK

from csp_workflow import settings
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.service import ConfigInvalid, Mode
from csp_workflow.terms.site import Role

# Dated data ---------------------------------------------------------------------------------


def test_a_chair_who_left_no_longer_counts(real):
    charnwood = real.respondent("charnwood")
    assert [c.name for c in charnwood.people(Role.CHAIR, date(2014, 5, 31))] == ["Charnwood Former Chair"]
    assert [c.name for c in charnwood.people(Role.CHAIR, date(2014, 6, 1))] == ["Charnwood Chair"]


def test_a_digest_each_day_and_a_week_in_short_are_for_those_who_name_them(folder):
    assert not folder.load()[0].digest_daily
    assert folder.load()[0].office.manager is None
    folder.edit("service.toml", "digest_daily = false", "digest_daily = true")
    folder.append("service.toml", '[office.manager]\nname = "Head"\naddress = "head@opcc.example"\n')
    site, _ = folder.load()
    assert site.digest_daily
    assert site.office.manager.address == "head@opcc.example"


def test_a_new_framework_year_is_another_file(folder):
    text = (folder.path / FRAMEWORK).read_text("utf-8").replace('year = "2014/15"', 'year = "2015/16"')
    (folder.path / "framework-2015-16.toml").write_text(text, "utf-8")
    folder.edit("partnerships.toml", 'ref = "CHARN.O1"', 'ref = "CHARN.O1"\nvalid_to = 2015-03-31')
    site, _ = folder.load()
    ending, following = site.framework(Quarter(2014, 4)), site.framework(Quarter(2015, 1))
    assert "CHARN.O1" in {o.ref for o in ending.objectives}
    assert "CHARN.O1" not in {o.ref for o in following.objectives}


def test_an_area_may_pass_to_another_partnership(folder):
    folder.edit("partnerships.toml", 'code = "RUTL"', 'code = "RUTL"\nvalid_to = 2028-03-31')
    folder.append(
        "partnerships.toml",
        '[[partnerships]]\nkey = "north"\ncode = "NORTH"\nname = "Northern partnership"\nvalid_from = 2028-04-01\n'
        'areas = [{ code = "E22000172", name = "Rutland", upper_tier = "E06000017" }]\n'
        'contacts = [{ name = "Lead", role = "lead", address = "lead@north.example" },'
        ' { name = "Chair", role = "chair", address = "chair@north.example" }]\n',
    )
    site, _ = folder.load()
    assert "north" in {r.key for r in site.serving(date(2028, 4, 1))}
    assert "rutland" not in {r.key for r in site.serving(date(2028, 4, 1))}


def test_holiday_overrides_change_the_working_days(folder):
    folder.edit("calendar.toml", "extra = []", 'extra = [{ day = 2014-10-20, name = "Announced late" }]')
    folder.edit("calendar.toml", "worked = []", 'worked = [{ day = 2014-12-26, name = "Moved" }]')
    days = folder.load()[0].working_days
    assert not days.is_working(date(2014, 10, 20))
    assert days.is_working(date(2014, 12, 26))


def test_what_a_board_asked_before_the_service_ran_names_board_and_respondent(real):
    action = real.actions[0]
    assert (action.ref, action.board, action.respondent, action.recorded) == ("A1", "speb", "charnwood", None)


def test_limits_are_counted_in_bytes(real):
    assert real.limits.message_bytes == 15 * 1024 * 1024


# The environment ----------------------------------------------------------------------------


def test_the_environment_comes_before_the_file(folder):
    site, service = folder.load(CSP_MODE="redirect", CSP_DATABASE="postgresql+psycopg://x", CSP_ENVIRONMENT="live")
    assert site.mode is service.mode is Mode.REDIRECT
    assert (service.database, service.environment) == ("postgresql+psycopg://x", "live")


def test_a_secret_may_stand_in_a_file(folder, tmp_path):
    (tmp_path / "url").write_text("postgresql+psycopg://u:hush@h/csp\n")
    _, service = folder.load(CSP_DATABASE_FILE=str(tmp_path / "url"))
    assert service.database == "postgresql+psycopg://u:hush@h/csp"
    assert "hush" not in repr(service)


def test_without_an_environment_the_file_holds(folder):
    site, service = folder.load()
    assert site.mode is service.mode is Mode.REHEARSAL
    assert (service.adapter, service.database, service.environment) == ("maildir", "", "")


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"CSP_MODE": "livee"}, "The environment variable CSP_MODE is 'livee', which is not known. Did you mean live?"),
        (
            {"CSP_ADAPTER": "imap"},
            (
                "The environment variable CSP_ADAPTER is 'imap', which is not known. "
                "Known are maildir, internet, exchange, graph."
            ),
        ),
        ({"CSP_DATABSE": "x"}, "The environment variable CSP_DATABSE is not known. Did you mean CSP_DATABASE?"),
        (
            {"CSP_DATABASE_FILE": "/nowhere/at-all"},
            "The file that CSP_DATABASE_FILE names cannot be read. Check its path and permissions.",
        ),
        (
            {"CSP_DATABASE": "x", "CSP_DATABASE_FILE": "/nowhere"},
            "Both CSP_DATABASE and CSP_DATABASE_FILE are set. Keep one of them.",
        ),
    ],
)
def test_a_fault_of_the_environment_is_said(folder, environment, sentence):
    assert folder.faults(**environment) == (sentence,)


def test_other_variables_of_the_same_prefix_are_left_alone(folder):
    assert folder.load(CSP_HOME="/srv", CSP_STATE="/srv/state")


def test_the_process_s_own_environment_is_read_when_none_is_given(folder, monkeypatch):
    monkeypatch.setenv("CSP_MODE", "redirect")
    assert settings.load(folder.path)[1].mode is Mode.REDIRECT


# Places -------------------------------------------------------------------------------------


def test_a_site_s_own_templates_come_before_the_defaults(folder):
    assert set(settings.read_templates(folder.path)) == set(settings.read_templates(CONFIG))
    own = folder.path.parent / "templates" / "emails" / "request"
    own.mkdir(parents=True)
    (own / "subject.txt").write_text("Ours")
    assert settings.read_templates(folder.path) == {"request/subject.txt": "Ours"}


def test_the_defaults_hold_config_and_templates():
    assert (settings.find_defaults() / "config" / "service.toml").is_file()
    assert "_layout.html" in settings.read_templates(CONFIG)


def test_a_new_site_is_laid_out_with_its_own_key(tmp_path):
    for name in ("one", "two"):
        settings.lay_out_folders(tmp_path / name)
    keys = {(tmp_path / name / "state" / "key").read_bytes() for name in ("one", "two")}
    assert len(keys) == 2
    assert all(len(key) == 32 for key in keys)
    assert stat.S_IMODE((tmp_path / "one" / "state" / "key").stat().st_mode) == 0o600
    assert settings.load(tmp_path / "one" / "config", environment={})[0] == settings.load(CONFIG, environment={})[0]
    assert (tmp_path / "one" / "templates" / "emails").is_dir()


@pytest.mark.parametrize("taken", ["config", "templates", "state"])
def test_laying_out_never_overwrites(tmp_path, taken):
    (tmp_path / taken).mkdir()
    with pytest.raises(PreconditionFailed, match=f"already holds {taken}"):
        settings.lay_out_folders(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [taken]


def test_without_a_word_base_there_are_no_bytes(folder):
    reports = folder.path.parent / "templates" / "reports"
    reports.mkdir(parents=True)
    assert settings.read_report_base(folder.path) == b""
    (reports / "paper.docx").write_bytes(b"PK")
    assert settings.read_report_base(folder.path) == b"PK"
    shutil.rmtree(reports)


# What else mail may be about ----------------------------------------------------------------


def test_a_site_without_topics_of_its_own_uses_those_of_the_program(folder):
    (folder.path / "topics.toml").unlink()
    assert [topic.key for topic in folder.load()[0].topics.topics][:2] == ["information-request", "subject-access"]


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("working_days = 20 ", "working_days = 20\nmonths = 1 ", "write working_days or months, not both"),
        ("working_days = 20 ", 'address = "csp-returns@opcc.example"\noffice = "x" ', "the product's own mailbox"),
        ("working_days = 20 ", 'address = "foi@opcc.example" ', "office and address belong together"),
        ("working_days = 20 ", 'office = "x" ', "office and address belong together"),
        ('key = "subject-access"', 'key = "information-request"', "topics[information-request] stands twice"),
        (
            'harm = "',
            'harms = "',
            "a phrase names {harm}, which does not stand",
        ),
        ("working_days = 20 ", "working_days = 20\ndue = 1 ", "due"),
    ],
)
def test_what_is_wrong_in_topics_is_said_with_its_file(folder, was, becomes, says):
    folder.edit("topics.toml", was, becomes)
    with pytest.raises(ConfigInvalid) as found:
        folder.load()
    assert any("topics.toml" in fault and says in fault for fault in found.value.faults)
