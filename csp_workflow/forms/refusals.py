"""Why a file could not be read as a form: closed reasons, and a sentence to its sender for each."""

from __future__ import annotations

from csp_workflow.terms.bank_details import BANK_DETAILS
from csp_workflow.terms.returns import Unreadable

_SAVE_AS = "Please open it in Excel, choose Save As, pick “Excel Workbook (.xlsx)” and send that."
_LOST = "our form's reference is not in it, so that we could not read it."
_COPY = "Please copy your figures into the form we sent you, without other data, and send that, or phone us."
_SEND_FORM = "Please fill in the Excel form we sent you and attach that."

SENTENCES: dict[str, str] = {
    "empty": "The attachment is empty: it holds no data at all. Please save the form again and attach it once more.",
    "damaged": (
        "The workbook is damaged, so that we could not open it. Please open it in Excel, save it under a new name and "
        "send that."
    ),
    "password": (
        "The workbook has a password, so that we could not open it. Please remove it (File > Info > Protect Workbook > "
        "Encrypt with Password, and clear the box) and send the form again. Please do not send us the password."
    ),
    "label": (
        "The workbook is encrypted by your organisation's sensitivity label or rights management, so that we could not "
        "open it. Please choose a label that lets people outside read it and send the form again."
    ),
    "xls": f"The file is in the old Excel format (.xls), and {_LOST} {_SAVE_AS}",
    "xlsb": f"The file is an Excel binary workbook (.xlsb), and {_LOST} {_SAVE_AS}",
    "ods": (
        f"The file is an OpenDocument spreadsheet (.ods), and {_LOST} Please choose Save As, pick “Excel "
        "Workbook (.xlsx)” (in LibreOffice: “Excel 2007-365”) and send that."
    ),
    "xml": f"The file is an XML spreadsheet, which we do not read. {_SAVE_AS}",
    "csv": f"The file is a list of plain text (such as .csv), which holds one sheet only. {_SEND_FORM}",
    "text": f"The file is plain text. {_SEND_FORM}",
    "link": f"The file is a link to a file that lies somewhere else, where we cannot open it. {_SEND_FORM}",
    "pdf": f"The file is a PDF. We cannot take figures from a PDF. {_SEND_FORM}",
    "word": f"The file is a Word document. {_SEND_FORM}",
    "powerpoint": f"The file is a PowerPoint presentation. {_SEND_FORM}",
    "image": f"The file is a picture. We cannot read figures from a picture. {_SEND_FORM}",
    "html": f"The file is a web page and no workbook. {_SAVE_AS}",
    "message": f"The file is a saved email with no form in it. {_SEND_FORM}",
    "message damaged": "The file is a saved email that we could not open. Please attach the Excel form itself.",
    "winmail": (
        "The attachment came as a “winmail.dat” file, which Outlook makes and which we could not open. Please send the "
        "message again as HTML or plain text (in Outlook: Format Text > HTML), with the form attached."
    ),
    "encrypted": (
        "The message is encrypted, so that we could not read it. Please send the form again without encryption, or by "
        "the secure route your organisation and ours have agreed."
    ),
    "scanning": (
        "A mail security system was still checking the attachment when we stopped waiting, so that it never reached "
        "us. Please attach the form and send it again."
    ),
    "blocked": (
        "A mail security system blocked the attachment as unsafe, so that it never reached us. Please copy your "
        "figures into the form we sent you and attach that. If it is blocked again, ask your IT service to help, or "
        "phone us."
    ),
    "taken away": (
        "A mail system on the way took the attachment away and left a notice in its place, so that it never reached "
        "us. Please send the form again. If it happens again, ask your IT service to let it through, or phone us."
    ),
    "too many": "It holds more files than we look at. Please send us the form alone.",
    "too deep": "It is a message inside a message, deeper than we look. Please attach the Excel form itself.",
    "zip": (
        "The file is a zip folder in which we found no Excel form. Please attach the Excel form itself, without a "
        "folder."
    ),
    "zip several": (
        "The zip folder holds more than one workbook, so that we cannot tell which one counts. Please attach the one "
        "form that counts, without a folder."
    ),
    "zip password": (
        "The zip folder has a password, so that we could not open it. Please attach the Excel form itself, without a "
        "folder. Please do not send us the password."
    ),
    "packed": "The file is a packed folder of a kind that we do not open. Please attach the Excel form itself.",
    "zip too large": (
        "The zip folder holds far more than our form, so that we did not open it. Please attach the Excel form itself, "
        "without a folder."
    ),
    "zip damaged": "The zip folder is damaged, so that we could not open it. Please attach the Excel form itself.",
    "numbers": (
        "The file is an Apple Numbers document. Please choose File > Export To > Excel and send the file that makes."
    ),
    "strict": (
        "The workbook was saved as “Strict Open XML”, which we do not read. Please choose Save As, pick “Excel "
        "Workbook (.xlsx)” (not Strict) and send that."
    ),
    "too large": (
        "The workbook is far larger than our form, so that we did not open it. Please copy your figures into the form "
        "we sent you, without other data, and send that."
    ),
    "hostile": (
        "The workbook is built in a way that no spreadsheet program saves, so that we did not open it for safety's "
        "sake. Please fill in the form we sent you in Excel and send that."
    ),
    "unknown": f"We do not know this kind of file. {_SEND_FORM}",
    "time": f"Our program could not open it within the time it has for one message. {_COPY}",
    "memory": f"Our program could not open it within the memory it has for one file. {_COPY}",
    "too much": f"It holds more than our program takes out of one file. {_COPY}",
    "crash": (
        "The program with which we read such files broke down over it, which may well be its fault and not the file's. "
        f"{_COPY}"
    ),
    "not tried": (
        "The time that we have for one message was over before we came through this file. Please send us the form "
        "alone, or phone us."
    ),
    BANK_DETAILS: "It may hold bank details, which we never take by email. Please do not send them to us.",
    "unopened": "We have not opened it yet. Please wait for our answer.",
    "ours": "A failure of our own kept us from opening it. Please do nothing: we have it, and will write to you.",
}
"""Every reason and its sentence. A reason outside this table is a fault of ours."""

KEPT_IN = frozenset({BANK_DETAILS, "hostile", "unopened", "ours", "time", "memory", "too much", "crash", "not tried"})
"""The reasons of files that are never sent on to anybody: nobody has seen what is in them."""


def explain_refusal(reason: str) -> Unreadable:
    """A reason with its sentence; one that is not known is a failure of ours."""
    known = reason if reason in SENTENCES else "ours"
    return Unreadable(reason=known, sentence=SENTENCES[known])
