"""Forms wander between neighbours: what one lead showed another is kept here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from csp_workflow.rehearsal.partners import excel, habits
from csp_workflow.rehearsal.partners.mail import Post, Reply
from csp_workflow.rehearsal.partners.people import Person


class SharedDrive:
    """A folder that several councils can open. `keep` puts a form there by its code."""

    def __init__(self) -> None:
        self._forms: dict[str, tuple[str, bytes]] = {}

    def keep(self, letter: Post) -> None:
        """Somebody saves the forms of a letter there."""
        for name, data in letter.workbooks:
            code = excel.form_code(data)
            if code:
                self._forms.setdefault(code, (name, data))

    def keeping(self, act: habits.Act) -> habits.Act:
        """An act whose doer saves the letter's forms on the drive first, where the neighbours see them."""

        def kept(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
            self.keep(letter)
            yield from act(person, letter, now)

        return kept

    def returns_anothers(self, code: str) -> habits.Act:
        """Fill and send the form of another respondent, found on the drive, as one's own."""

        def act(person: Person, letter: Post, now: datetime) -> Iterator[Reply]:
            name, data = self._forms[code]
            yield person.says("Our return attached.", (name, habits.filled(person, data, now)))

        return act
