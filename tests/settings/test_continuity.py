"""What came to mean another thing than in the forms that were sent, each change in its sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest
from settings_told import CONFIG, FRAMEWORK, Folder

from csp_workflow import settings
from csp_workflow.request.calendar import plan_quarter
from csp_workflow.request.form import asks_nothing, define_form
from csp_workflow.settings.continuity import SentForm, find_redefined
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Break, Framework, Geography, Measure, MeasureKind
from csp_workflow.terms.site import Respondent, RespondentKind, Site

Q2, Q4 = Quarter.parse("2014/15-Q2"), Quarter.parse("2014/15-Q4")
SENT = datetime(2014, 10, 15, 9, tzinfo=UTC)


@cache
def site() -> Site:
    return settings.load(CONFIG, environment={})[0]


@cache
def sent(quarter: Quarter = Q2) -> tuple[SentForm, ...]:
    """Everybody's form as the real configuration asks it."""
    dates = replace(plan_quarter(Q2, site()), quarter=quarter)
    forms = (
        define_form(r, quarter, site=site(), dates=dates, figures=(), narratives={}, revision=1, key=b"k")
        for r in site().respondents
    )
    return tuple(SentForm(form=form, at=SENT, is_open=True) for form in forms if not asks_nothing(form))


def with_measure(ref: str, change: Callable[[Measure], Measure], of: Site | None = None) -> Site:
    whole = of or site()
    (framework,) = whole.frameworks
    measures = tuple(change(m) if m.ref == ref else m for m in framework.measures)
    return replace(whole, frameworks=(replace(framework, measures=measures),))


def with_series(ref: str, **changes: object) -> Site:
    return with_measure(
        ref,
        lambda m: replace(m, series=tuple(replace(s, **changes) for s in m.series)),  # type: ignore[arg-type]
    )


def with_respondents(change: Callable[[Respondent], Respondent | None]) -> Site:
    changed = tuple(one for one in map(change, site().respondents) if one)
    return replace(site(), respondents=changed)


def test_nothing_is_said_of_what_stayed_as_it_was() -> None:
    assert find_redefined(site(), sent()) == ()
    assert find_redefined(site(), sent(Q4)) == ()
    renamed = with_respondents(lambda r: replace(r, name=f"New {r.name}"))
    assert find_redefined(renamed, sent()) == (), "whoever is renamed is the same body"
    retitled = with_series("M12a", title="Burglary in homes")
    assert find_redefined(retitled, sent()) == (), "a title may change, what is counted may not"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"unit": "dwellings"}, "[M12a].unit is 'dwellings', and was 'offences' in the form sent on 15 October 2014"),
        ({"kind": MeasureKind.COST}, "[M12a].kind is 'cost', and was 'count'"),
        (
            {"geography": Geography.UPPER_TIER},
            "[M12a].geography is ",
        ),
    ],
)
def test_a_changed_series_is_refused_until_it_is_dated_after_what_was_asked(
    changed: dict[str, object], said: str
) -> None:
    found = find_redefined(with_series("M12a", **changed), sent())
    assert any(one.startswith(f"{FRAMEWORK}: {said}") for one in found), found
    dated = Break(day=date(2014, 10, 1), reason="Counted anew")
    assert find_redefined(with_series("M12a", broken=dated, **changed), sent()) == ()
    early = replace(dated, day=date(2014, 9, 30))
    assert find_redefined(with_series("M12a", broken=early, **changed), sent()) == found


def test_a_share_of_something_else_is_refused_and_a_form_of_before_shares_were_counts_is_not() -> None:
    (said,) = find_redefined(with_series("M03b", denominator="adults who left treatment"), sent())
    assert "[M03b].denominator is 'adults who left treatment', and was 'adults who completed treatment'" in said
    assert "write reworded_on" in said
    old = tuple(
        replace(one, form=replace(one.form, figures=tuple(
            replace(row, out_of="", unit=f"{row.unit}, e.g. 12.5") if row.out_of else row for row in one.form.figures
        )))
        for one in sent()
    )  # fmt: skip
    assert find_redefined(site(), old) == ()
    assert find_redefined(with_series("M03b", denominator="adults who left treatment"), old) == ()


def test_another_owner_under_the_same_ref_is_refused() -> None:
    mine = next(m for m in site().frameworks[0].measures if m.owner == "public-health" and m.kind.is_number)

    def given_to_another(broken: Break | None) -> tuple[str, ...]:
        now = {"owner": "probation", "broken": broken}
        others = with_measure(
            mine.ref,
            lambda m: replace(m, owner="probation", series=tuple(replace(s, **now) for s in m.series)),  # type: ignore[arg-type]
        )
        return find_redefined(others, sent(Q4))

    found = given_to_another(None)
    assert found
    assert "is asked of probation, and was of public-health in the form sent on 15 October 2014" in found[0]
    assert "or date the change: break_from = 20" in found[0]
    lag = mine.series[0].lag_quarters
    assert given_to_another(Break(day=Q4.plus(1 - lag).start, reason="Another body counts")) == ()
    assert given_to_another(Break(day=Q4.plus(-lag).start, reason="Another body counts")) == found


def test_the_last_form_that_asked_for_a_reference_counts() -> None:
    changed = with_series("M12a", unit="dwellings")
    newer = tuple(
        replace(one, form=replace(one.form, quarter=Q2.plus(1), figures=tuple(
            replace(row, unit="dwellings") if row.ref == "M12a" else row for row in one.form.figures
        )))
        for one in sent()
    )  # fmt: skip
    assert find_redefined(changed, (*sent(), *newer)) == (), "it was asked so since"
    unasked = tuple(
        replace(one, form=replace(one.form, figures=tuple(r for r in one.form.figures if r.ref != "M12a")))
        for one in newer
    )
    assert find_redefined(changed, (*sent(), *unasked)), "a later form that did not ask says nothing of it"


def test_the_framework_of_a_later_year_is_held_against_it_too() -> None:
    (this_year,) = site().frameworks

    def next_year(change: Callable[[Measure], Measure]) -> Framework:
        measures = tuple(change(m) if m.ref == "M15" else m for m in this_year.measures)
        return replace(this_year, year="2015/16", measures=measures)

    another = next_year(lambda m: replace(m, definition="Road deaths."))
    found = find_redefined(replace(site(), frameworks=(this_year, another)), sent())
    assert found
    assert found[0].startswith("framework-2015-16.toml: [M15].definition is 'Road deaths.', and was '")
    dated = next_year(
        lambda m: replace(
            m,
            definition="Road deaths.",
            series=tuple(replace(s, broken=Break(day=date(2015, 4, 1), reason="A new plan")) for s in m.series),
        )
    )
    assert find_redefined(replace(site(), frameworks=(this_year, dated)), sent()) == ()
    last_year = replace(this_year, year="2013/14", measures=())
    assert find_redefined(replace(site(), frameworks=(last_year, this_year)), sent()) == ()


def test_a_reworded_objective_is_told_from_another_one() -> None:
    (framework,) = site().frameworks
    first, *others = framework.objectives

    def changed(**changes: object) -> tuple[str, ...]:
        objectives = (replace(first, wording="To plant trees", **changes), *others)  # type: ignore[arg-type]
        return find_redefined(replace(site(), frameworks=(replace(framework, objectives=objectives),)), sent())

    assert "give the new one a ref of its own" in changed()[0]
    assert changed(reworded=date(2014, 10, 20)) == ()
    assert changed(reworded=date(2014, 10, 1)) == changed(), "it was sent otherwise since"


def test_whoever_is_gone_or_has_another_code_is_missed() -> None:
    gone = with_respondents(lambda r: None if r.key == "charnwood" else r)
    (found,) = find_redefined(gone, sent())
    assert found.startswith("partnerships.toml: charnwood is not there any more, and was asked in the form sent on 15")
    assert "Put it back, with valid_to = its last day" in found
    put_away = tuple(replace(one, is_open=False) for one in sent())
    assert find_redefined(gone, put_away) == ()
    other = with_respondents(lambda r: replace(r, code="CHARNW") if r.key == "charnwood" else r)
    (found,) = find_redefined(other, sent())
    assert "[charnwood].code is 'CHARNW', and was 'CHARN'" in found
    contributor = with_respondents(lambda r: replace(r, kind=RespondentKind.CONTRIBUTOR) if r.key == "charnwood" else r)
    assert "charnwood is a contributor, and was a partnership" in " ".join(find_redefined(contributor, sent()))
    undated = tuple(replace(one, at=None) for one in sent())
    assert "in the form sent last for July to September 2014" in find_redefined(other, undated)[0]


def test_the_areas_of_a_partnership_are_its_own_until_it_is_dated() -> None:
    def grown(r: Respondent) -> Respondent:
        return replace(r, areas=(*r.areas, site().respondent("melton").areas[0])) if r.key == "charnwood" else r

    (found,) = find_redefined(with_respondents(grown), sent())
    assert "[charnwood].areas are E22000165, E22000169, and were E22000165" in found
    dated = Break(day=date(2014, 10, 1), reason="Boundaries moved")
    assert find_redefined(with_respondents(lambda r: replace(grown(r), broken=dated)), sent()) == ()


# In the files -----------------------------------------------------------------------------------------

HEIR = """
[[partnerships]]
key = "soar-valley"
code = "SOAR"
name = "Soar Valley"
valid_from = 2015-04-01
predecessors = [{0}]
areas = [{{ code = "E22000165", name = "Charnwood", upper_tier = "E10000018" }}]
contacts = [
  {{ name = "A", role = "lead", address = "a@soar.example", valid_from = 2015-04-01 }},
  {{ name = "B", role = "chair", address = "b@soar.example", valid_from = 2015-04-01 }},
]
"""


@pytest.fixture
def folder(tmp_path):  # type: ignore[no-untyped-def]
    return Folder(tmp_path)


def test_predecessors_are_known_ended_and_named_once(folder: Folder) -> None:
    folder.append("partnerships.toml", HEIR.format('"charnwod", "melton", "melton"'))
    folder.edit("partnerships.toml", 'key = "charnwood"\n', 'key = "charnwood"\nvalid_to = 2015-03-31\n')
    found = folder.faults()
    where = "config/partnerships.toml: partnerships[soar-valley].predecessors:"
    assert f"{where} one is 'charnwod', which is not known. Did you mean charnwood?" in found
    assert f"{where} 'melton' stands twice. Leave it once." in found
    assert (
        f"{where} 'melton' must end before soar-valley begins. Give it a valid_to, and soar-valley a valid_from after "
        "that day."
    ) in found


def test_predecessors_of_predecessors_come_along(folder: Folder) -> None:
    folder.edit("partnerships.toml", 'key = "charnwood"\n', 'key = "charnwood"\nvalid_to = 2015-03-31\n')
    folder.append(
        "partnerships.toml", HEIR.format('"charnwood"').replace("2015-04-01\np", "2015-04-01\nvalid_to = 2016-03-31\np")
    )
    later = HEIR.format('"soar-valley"').replace('soar-valley"\ncode', 'wolds"\ncode', 1).replace("SOAR", "WOLDS")
    folder.append("partnerships.toml", later.replace("2015-04-01", "2016-04-01"))
    heirs, _ = folder.load()
    assert heirs.respondent("wolds").predecessors == ("soar-valley", "charnwood")
    assert heirs.respondent("wolds").follows("charnwood")
    assert not heirs.respondent("charnwood").follows("wolds")


def test_a_break_has_a_day_and_a_reason(folder: Folder) -> None:
    folder.edit(FRAMEWORK, 'ref = "M12a"\n', 'ref = "M12a"\nbreak_from = 2014-10-01\n')
    folder.edit("partnerships.toml", 'ref = "CHARN.L1"\n', 'ref = "CHARN.L1"\nbreak_reason = "Households"\n')
    found = folder.faults()
    assert (
        "config/framework-2014-15.toml: measures[M12a].break_reason is missing. Say in a few words what has changed; "
        "it is printed." in found
    )
    assert (
        "config/partnerships.toml: partnerships[charnwood].local_measures[CHARN.L1].break_from is missing. Write the "
        "first day from which it is so, like 2014-10-01." in found
    )


def test_what_is_comparable_only_after_a_break_needs_no_line(folder: Folder) -> None:
    dated = 'ref = "M12a"\nbreak_from = 2014-10-01\nbreak_reason = "Sheds"\ncomparable_from = 2014-10-02\n'
    folder.edit(FRAMEWORK, 'ref = "M12a"\n', dated)
    (found,) = folder.faults()
    assert found == (
        "config/framework-2014-15.toml: measures[M12a].comparable_from is after break_from. Leave it out: nothing "
        "earlier is compared anyway."
    )


def test_a_series_is_comparable_from_its_own_day_or_its_measure_s(folder: Folder) -> None:
    folder.edit(FRAMEWORK, 'ref = "M14a"\n', 'ref = "M14a"\ncomparable_from = 2012-04-01\n')
    own = '{ ref = "M14a.2", break_from = 2014-10-01, break_reason = "Bicycles",'
    folder.edit(FRAMEWORK, '{ ref = "M14a.2",', own)
    made, _ = folder.load()
    parted = {s.ref: s.parted for s in made.frameworks[0].series() if s.measure == "M14a"}
    assert parted == {"M14a.1": date(2012, 4, 1), "M14a.2": date(2014, 10, 1)}


def test_a_series_takes_the_break_of_its_measure_unless_it_has_its_own(folder: Folder) -> None:
    folder.edit(FRAMEWORK, 'ref = "M12a"\n', 'ref = "M12a"\nbreak_from = 2014-10-01\nbreak_reason = "Sheds"\n')
    made, _ = folder.load()
    (series,) = [s for s in made.frameworks[0].series() if s.ref == "M12a"]
    assert series.broken == Break(day=date(2014, 10, 1), reason="Sheds")


def test_a_break_stands_in_the_framework_of_the_next_year_too(folder: Folder) -> None:
    folder.edit(FRAMEWORK, 'ref = "M12a"\n', 'ref = "M12a"\nbreak_from = 2014-10-01\nbreak_reason = "Sheds"\n')
    folder.edit(FRAMEWORK, 'ref = "M11"\n', 'ref = "M11"\ncomparable_from = 2012-04-01\n')
    text = (folder.path / FRAMEWORK).read_text("utf-8").replace('year = "2014/15"', 'year = "2015/16"')
    later = text.replace('break_from = 2014-10-01\nbreak_reason = "Sheds"\n', "")
    later = later.replace("comparable_from = 2012-04-01\n", "")
    (folder.path / "framework-2015-16.toml").write_text(later, "utf-8")
    made, _ = folder.load()
    for quarter in (Q2, Quarter.parse("2015/16-Q1")):
        (series,) = [s for s in made.framework(quarter).series() if s.ref == "M12a"]
        assert series.broken == Break(day=date(2014, 10, 1), reason="Sheds"), quarter
        (series,) = [s for s in made.framework(quarter).series() if s.ref == "M11"]
        assert series.parted == date(2012, 4, 1), quarter
