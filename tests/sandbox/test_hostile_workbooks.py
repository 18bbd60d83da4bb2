"""Workbooks made to hang, fill or crash a reader: each ends within the limits with a closed reason."""

from __future__ import annotations

import io
import struct
import time
import zipfile

import pytest

from csp_workflow.forms import markup
from csp_workflow.forms.reading import read_workbook
from csp_workflow.forms.refusals import SENTENCES
from csp_workflow.intake.opening import read_reply
from csp_workflow.sandbox import Sandbox
from csp_workflow.terms.returns import ReadForm, Unreadable
from csp_workflow.terms.site import Limits

READ = "csp_workflow.intake.opening:read_file"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
CELL = '<c r="A1" t="inlineStr"><is><t>hello</t></is></c>'
CONDITION = (
    '<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"><formula>1</formula></cfRule>'
    "</conditionalFormatting>"
)
SHEET_LINKS = f'<R><Relationship Id="c" Type="{REL}/comments" Target="../comments1.xml"/></R>'
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


@pytest.fixture(scope="module")
def sandbox():
    made = Sandbox(limits=Limits())
    yield made
    made.close()


def sheet(rows="", after="", start=""):
    return f'{start}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'


def book(
    *, sheets=1, names="", workbook=None, strings=None, styles=None, part=None, same_part=False, missing=(), extra=()
):
    """A small workbook from raw parts."""
    part = part if part is not None else sheet(f'<row r="1">{CELL}</row>')
    rels = "".join(
        f'<Relationship Id="r{n}" Type="{REL}/worksheet" Target="worksheets/sheet{1 if same_part else n}.xml"/>'
        for n in range(1, sheets + 1)
    )
    rels += f'<Relationship Id="s" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/>' if strings else ""
    rels += f'<Relationship Id="y" Type="{REL}/styles" Target="styles.xml"/>' if styles else ""
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, sheets + 1))
    workbook = workbook or (
        f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>{listed}</sheets>'
        f"<definedNames>{names}</definedNames></workbook>"
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<R><Relationship Id="a" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></R>',
        "xl/workbook.xml": workbook,
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">{rels}</Relationships>',
    }
    for n in set(range(1, 2 if same_part else sheets + 1)) - set(missing):
        parts[f"xl/worksheets/sheet{n}.xml"] = part
    parts |= {"xl/sharedStrings.xml": strings} if strings else {}
    parts |= {"xl/styles.xml": styles} if styles else {}
    return zipped([*parts.items(), *extra])


def zipped(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts:
            made.writestr(name, content)
    return out.getvalue()


def repacked(data, method):
    """The same parts, compressed by another method."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return out.getvalue()


def flagged(data):
    """Every entry said to be encrypted."""
    return data.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")


def lying(data):
    """The directory says that the first large part is ten bytes long."""
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/worksheets/sheet1.xml"))
    return data[: at + 24] + struct.pack("<I", 10) + data[at + 28 :]


def merged(ref, count=1):
    return "<mergeCells>" + f'<mergeCell ref="{ref}"/>' * count + "</mergeCells>"


def rows(count, place="A"):
    return "".join(f'<row r="{n}"><c r="{place}{n}"><v>1</v></c></row>' for n in range(1, count + 1))


UTF_16 = (LAUGHS.replace("?>", ' encoding="UTF-16"?>', 1) + sheet()).encode("utf-16")
BIG = 41 * 1024 * 1024
FULL = "".join(f'<row r="{r}">{"<c><v>1</v></c>" * 60}</row>' for r in range(1, 2_001))
HOSTILE = {
    "row number of a billion": (lambda: book(part=sheet(f'<row r="1000000000000">{CELL}</row>')), {"hostile"}),
    "row in words": (lambda: book(part=sheet(f'<row r="1e9">{CELL}</row>')), {"hostile"}),
    "one value at the far corner": (
        lambda: book(part=sheet(f'<row r="1">{CELL}</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
        {"read"},
    ),
    "a cell that is not in its row": (
        lambda: book(part=sheet('<row r="1"><c r="A99"><v>1</v></c></row>')),
        {"hostile"},
    ),
    "20,000 rows at the far right": (lambda: book(part=sheet(rows(20_000, "XFD"))), {"read"}),
    "merge of everything": (
        lambda: book(part=sheet(f'<row r="1">{CELL}</row>', merged("A1:XFD1048576"))),
        {"read"},
    ),
    "fifty wide merges": (
        lambda: book(part=sheet(f'<row r="1">{CELL}</row>', merged("A1:ZZ1000", 50))),
        {"too large"},
    ),
    "too many merges": (
        lambda: book(part=sheet("", merged("A1:B2", 150_000))),
        {"too large"},
    ),
    "a merge that is no range": (lambda: book(part=sheet("", merged("9:9"))), {"read"}),
    "more cells than a form ever has": (
        lambda: book(part=sheet(FULL * 3)),
        {"too large"},
    ),
    "many pasted rows": (lambda: book(part=sheet(rows(90_000))), {"read"}),
    "a sheet larger than all bounds": (lambda: book(part=sheet(" " * BIG)), {"too large"}),
    "one huge string": (lambda: book(strings=f'<sst xmlns="{MAIN}"><si><t>{"x" * BIG}</t></si></sst>'), {"too large"}),
    "huge styles": (
        lambda: book(styles=f"<styleSheet><fonts>{'<font/>' * 6_000_000}</fonts></styleSheet>"),
        {"too large"},
    ),
    "several large parts": (
        lambda: book(sheets=4, part=sheet(" " * (30 * 1024 * 1024))),
        {"too large"},
    ),
    "5,000 sheets on one part": (lambda: book(sheets=5_000, same_part=True), {"hostile"}),
    "300,000 names": (
        lambda: book(names="".join(f'<definedName name="n{n}">S1!$A$1</definedName>' for n in range(300_000))),
        {"too large"},
    ),
    "100,000 conditional formats": (
        lambda: book(part=sheet(f'<row r="1">{CELL}</row>', CONDITION * 100_000)),
        {"read"},
    ),
    "laughs in a sheet": (lambda: book(part=sheet(start=LAUGHS)), {"hostile"}),
    "laughs in strings": (lambda: book(strings=LAUGHS + f'<sst xmlns="{MAIN}"><si><t>&c;</t></si></sst>'), {"hostile"}),
    "laughs in the workbook": (lambda: book(workbook=LAUGHS + f'<workbook xmlns="{MAIN}"/>'), {"hostile"}),
    "laughs in properties": (lambda: book(extra=[("docProps/core.xml", LAUGHS + "<x>&c;</x>")]), {"hostile"}),
    "an entity from outside": (
        lambda: book(part=sheet(start='<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>')),
        {"hostile"},
    ),
    "a document type in UTF-16": (lambda: book(part=UTF_16), {"hostile"}),
    "nesting without end": (lambda: book(part=sheet("<row>" * 5_000 + "</row>" * 5_000)), {"hostile"}),
    "a part that breaks off": (lambda: book(part=sheet()[:-9]), {"damaged"}),
    "a sheet that is not there": (lambda: book(sheets=2, same_part=False, missing=(2,)), {"damaged"}),
    "parts packed in an unusual way": (lambda: repacked(book(), zipfile.ZIP_BZIP2), {"hostile"}),
    "far rows where no rows belong": (
        lambda: book(part=sheet(f'<row r="1">{CELL}</row>', '<extLst><row r="90000"><c/></row></extLst>')),
        {"read"},
    ),
    "a merge of one cell, and one below all that is read": (
        lambda: book(part=sheet(f'<row r="1">{CELL}</row>', merged("A1:A1") + merged("A5000:B6000"))),
        {"read"},
    ),
    "notes that are not there": (
        lambda: book(extra=[("xl/worksheets/_rels/sheet1.xml.rels", SHEET_LINKS)]),
        {"read"},
    ),
    "a value that is no number": (lambda: book(part=sheet('<row r="1"><c r="A1"><v>NaN</v></c></row>')), {"damaged"}),
    "a value of three million figures": (
        lambda: book(part=sheet(f'<row r="1"><c r="A1"><v>{"9" * 3_000_000}</v></c></row>')),
        {"damaged"},
    ),
    "a directory that lies": (lambda: lying(book(part=sheet(" " * 100_000))), {"damaged"}),
    "two parts of one name": (lambda: book(extra=[("XL/workbook.xml", "<x/>")]), {"hostile"}),
    "a part outside": (lambda: book(extra=[("../../etc/cron.d/x", "x")]), {"hostile"}),
    "entries without number": (lambda: book(extra=[(f"xl/media/{n}", "") for n in range(3_000)]), {"hostile"}),
    "entries said to be encrypted": (lambda: flagged(book()), {"password", "read"}),
    "a workbook without sheets": (lambda: book(sheets=0), {"damaged"}),
    "a missing part": (lambda: zipped([("xl/workbook.xml", "<x/>")]), {"damaged"}),
    "a comment on everything": (
        lambda: book(
            extra=[
                ("xl/worksheets/_rels/sheet1.xml.rels", SHEET_LINKS),
                ("xl/comments1.xml", '<comments><commentList><comment ref="A1:XFD1048576"/></commentList></comments>'),
            ]
        ),
        {"hostile"},
    ),
    "a formula that would start a program": (
        lambda: book(part=sheet('<row r="1"><c r="A1"><f>cmd|\' /C calc\'!A0</f><v>1</v></c></row>')),
        {"read"},
    ),
}


SLOW = {
    "more cells than a form ever has",
    "many pasted rows",
    "several large parts",
    "100,000 conditional formats",
}
"""What takes the reader a second or two, and so is read once only."""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_ends_within_the_limits(sandbox, name):
    make, expected = HOSTILE[name]
    data = make()
    begun = time.monotonic()
    reply = sandbox.run(READ, data)
    took = time.monotonic() - begun
    assert reply.ok, reply.end
    found = read_reply(reply.value)
    assert ("read" if isinstance(found, ReadForm) else found.reason) in expected
    if isinstance(found, Unreadable):
        assert found.sentence in SENTENCES.values()
    assert took < 10
    if name not in SLOW:
        assert read_reply(read_workbook(data)) == found, "the sandbox bounds the reader and changes none of its words"


def test_the_cells_of_all_rows_count_towards_the_bound(monkeypatch):
    monkeypatch.setattr(markup, "CELLS", 100)
    assert isinstance(read_reply(read_workbook(book(part=sheet(rows(100))))), ReadForm)
    assert read_reply(read_workbook(book(part=sheet(rows(101))))).reason == "too large"


def test_a_plain_small_workbook_is_read(sandbox):
    assert isinstance(read_reply(sandbox.run(READ, book()).value), ReadForm)
