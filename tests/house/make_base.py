"""Makes the Word file every paper starts from: styles, numbering, page, footer. Run once; the result is committed.

    python -m tests.house.make_base

A secretariat may open that file in Word and change its styles; the code names styles and never fonts.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from csp_workflow.report.word import W, zip_again

BASE = Path(__file__).resolve().parents[2] / "templates" / "reports" / "base.docx"
MADE = datetime(2014, 1, 1, tzinfo=UTC)

_STYLES = """
<w:style xmlns:w="{w}" w:type="paragraph" w:customStyle="1" w:styleId="{id}"><w:name w:val="{name}"/>
<w:basedOn w:val="{based}"/><w:qFormat/><w:pPr>{ppr}</w:pPr><w:rPr>{rpr}</w:rPr></w:style>
"""
_OWN = (
    ("Numberedparagraph", "Numbered paragraph", "Normal",
     '<w:numPr><w:numId w:val="77"/></w:numPr><w:spacing w:after="140"/>', ""),
    ("Quoted", "Quoted", "Normal", '<w:spacing w:after="140"/><w:ind w:left="567" w:right="284"/>', ""),
    ("Listed", "Listed", "Normal", '<w:spacing w:after="60"/>', ""),
    ("Officer", "Officer", "Normal", '<w:keepLines/><w:spacing w:after="200"/>', ""),
    ("Boardname", "Board name", "Normal", '<w:spacing w:after="120"/>', '<w:b/><w:caps/>'),
    ("Tablecaption", "Table caption", "Normal",
     '<w:keepNext/><w:spacing w:before="200" w:after="80"/>', "<w:b/>"),
    ("Tablehead", "Table head", "Normal", '<w:keepNext/><w:spacing w:after="0"/>', '<w:b/><w:sz w:val="20"/>'),
    ("Tabletext", "Table text", "Normal", '<w:spacing w:after="0"/>', '<w:sz w:val="20"/>'),
    ("Tablenumber", "Table number", "Normal", '<w:spacing w:after="0"/><w:jc w:val="right"/>', '<w:sz w:val="20"/>'),
    ("Tablelist", "Table list", "Normal",
     '<w:numPr><w:numId w:val="78"/></w:numPr><w:spacing w:after="40"/>', '<w:sz w:val="20"/>'),
    ("Marking", "Marking", "Normal", '<w:spacing w:after="0"/><w:jc w:val="center"/>', '<w:b/><w:sz w:val="20"/>'),
    ("Foot", "Foot", "Normal", '<w:spacing w:after="0"/><w:jc w:val="center"/>', '<w:sz w:val="18"/>'),
)  # fmt: skip

_NUMBERING = f"""
<w:numbering xmlns:w="{W}">
<w:abstractNum w:abstractNumId="77"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/>
<w:numFmt w:val="decimal"/><w:pStyle w:val="Numberedparagraph"/><w:lvlText w:val="%1."/><w:lvlJc w:val="left"/>
<w:pPr><w:ind w:left="567" w:hanging="567"/></w:pPr></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="78"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/>
<w:numFmt w:val="bullet"/><w:pStyle w:val="Tablelist"/><w:lvlText w:val="\u2022"/><w:lvlJc w:val="left"/>
<w:pPr><w:ind w:left="284" w:hanging="227"/></w:pPr></w:lvl></w:abstractNum>
<w:num w:numId="77"><w:abstractNumId w:val="77"/></w:num><w:num w:numId="78"><w:abstractNumId w:val="78"/></w:num>
</w:numbering>
"""


def make_base() -> bytes:
    """The base file's bytes; the same at every call."""
    import docx

    document = docx.Document()
    _scrub(document)
    _style(document)
    _number(document)
    out = io.BytesIO()
    document.save(out)
    return zip_again(_drop_parts(out.getvalue()))


_DROPPED = ("docProps/thumbnail.jpeg", "customXml/", "word/stylesWithEffects.xml")


def _drop_parts(data: bytes) -> bytes:
    """Without the parts whose name begins so, and without the relations and content types that name them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in (name for name in old.namelist() if not name.startswith(_DROPPED)):
            part = old.read(name)
            if name.endswith(".rels") or name == "[Content_Types].xml":
                for gone in _DROPPED:
                    leaf = re.escape(gone.rsplit("/", 1)[-1].encode() or gone.encode())
                    part = re.sub(rb'<(?:Relationship|Override)\b[^>]*"[^"]*' + leaf + rb'[^"]*"[^>]*/>', b"", part)
            new.writestr(name, part)
    return out.getvalue()


def _scrub(document: Any) -> None:
    """What python-docx's own template brings: another language, old properties, an old compatibility mode."""
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    properties.created = properties.modified = MADE
    settings = document.settings.element
    for child in list(settings):
        if child.tag.endswith(("}compat", "}zoom", "}themeFontLang", "}stylePaneFormatFilter")):
            settings.remove(child)
    from lxml import etree

    compat = etree.fromstring(
        f'<w:compat xmlns:w="{W}"><w:compatSetting w:name="compatibilityMode" '
        'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
    )
    language = etree.fromstring(f'<w:themeFontLang xmlns:w="{W}" w:val="en-GB"/>')
    place = next((i for i, c in enumerate(settings) if c.tag.endswith("}rsids")), len(settings))
    settings.insert(place, compat)
    after = next((i for i, c in enumerate(settings) if c.tag.endswith("}clrSchemeMapping")), len(settings))
    settings.insert(after, language)


def _style(document: Any) -> None:
    """Arial 12 throughout, en-GB, headings in weight rather than colour, and our own styles by name."""
    from docx.shared import Pt, RGBColor
    from lxml import etree

    styles = document.styles.element
    defaults = styles.find(f"{{{W}}}docDefaults/{{{W}}}rPrDefault/{{{W}}}rPr")
    for child in list(defaults):
        defaults.remove(child)
    for xml in ('<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:eastAsia="Arial" w:cs="Arial"/>', '<w:sz w:val="24"/>',
                '<w:szCs w:val="24"/>', '<w:lang w:val="en-GB" w:eastAsia="en-GB" w:bidi="ar-SA"/>'):  # fmt: skip
        defaults.append(etree.fromstring(xml.replace("<w:", "<w:", 1).replace(" ", f' xmlns:w="{W}" ', 1)))
    for name, size in (("Title", 16), ("Heading 1", 16), ("Heading 2", 14), ("Heading 3", 12)):
        style = document.styles[name]
        style.font.size, style.font.bold, style.font.italic = Pt(size), True, False
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.element.rPr.remove(style.element.rPr.find(f"{{{W}}}rFonts"))
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(14), Pt(6)
        style.paragraph_format.keep_with_next = True
    for ident, name, based, ppr, rpr in _OWN:
        xml = _STYLES.format(w=W, id=ident, name=name, based=based, ppr=ppr, rpr=rpr)
        styles.append(etree.fromstring(re.sub(r">\s+<", "><", xml).strip()))


def _number(document: Any) -> None:
    """One run of numbers through the whole paper, carried by the style, and one kind of bullet."""
    from lxml import etree

    numbering = document.part.numbering_part.element
    for child in list(numbering):
        numbering.remove(child)
    numbering.extend(list(etree.fromstring(_NUMBERING.strip())))


if __name__ == "__main__":
    BASE.write_bytes(make_base())
