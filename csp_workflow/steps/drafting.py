"""Letters in the Drafts folder: put there once, looked for at each beat, noted as sent when a person has sent them.

That a letter is to lie there is committed before it is put there; what lies there without its letter's word is taken
out again. So a service that dies between leaves nothing that is not put right, and nothing twice: a letter is put
there only while it is seen to lie nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from csp_workflow.mailboxes.mailbox import CLOCKS_APART
from csp_workflow.post.drafts import Whereabouts, locate_letters, say_changes
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.events import LetterState, QueuedLetter
from csp_workflow.terms.service import Lying, MessageGone, Mode, NotAccepted, NotAcceptedForGood, WorldFault

WAIT = timedelta(minutes=15)
"""How long a draft may be gone before its copy lies among the sent letters; a program without a line keeps it longer.
What was taken out waits as long, since it may have been sent in that moment."""

WATCHED = timedelta(days=30)
"""How long it is looked for what a person has perhaps sent after all."""

_SETTLED = timedelta(days=2)
_GONE = "It is not in Drafts any more, and not among the sent letters of the mailbox."
_LIES_THERE = "it lies in Drafts"
_S = LetterState

Judge = Callable[[QueuedLetter], tuple[LetterState, str] | None]
"""What becomes of a letter that may not lie in Drafts any more, and why."""


class Drafting:
    """The Drafts folder in one posting. It is listed once, when a letter first needs it.

    Where it is out of reach letters wait, and what goes by itself goes all the same. `drafted` counts what was put in.
    """

    def __init__(self, outside: Outside, now: datetime, judge: Judge) -> None:
        self._outside, self._now, self._judge = outside, now, judge
        self._lying: tuple[Lying, ...] | None = None
        self._is_out_of_reach = False
        self.drafted = 0

    def follow(self) -> int:
        """See what became of every letter that was put there. How many were sent."""
        is_used = self._outside.configured.mode is Mode.DRAFTS or self._outside.store.letters(_S.IN_DRAFTS)
        watched = self._list_watched() if is_used else ()
        if not watched:
            return 0
        where = self._locate(watched)
        return sum(self._follow(letter, where[letter.id]) for letter in watched if letter.id in where)

    def place(self, letter: QueuedLetter) -> bool:
        """Put one claimed letter there, if it lies nowhere yet. Whether a person has sent it already."""
        store, outside = self._outside.store, self._outside
        found = self._locate((*self._list_watched(), letter)).get(letter.id)
        if found is None or not store.move_draft(letter, _S.IN_DRAFTS, at=self._now):
            store.move(letter, _S.QUEUED)
            return False
        outside.reached("post:to be drafted")
        return self._follow(replace(letter, state=_S.IN_DRAFTS, drafted=self._now, proof="", missed=None), found)

    def _list_watched(self) -> tuple[QueuedLetter, ...]:
        """What lies there, or may have been sent after all; what was settled only for as long as leftovers may lie."""
        letters = self._outside.store.drafted_since(self._now - WATCHED)
        return tuple(x for x in letters if x.state not in {_S.CLAIMED, _S.HANDING} and self._is_watched(x))

    def _is_watched(self, letter: QueuedLetter) -> bool:
        settled = letter.missed or letter.sent or letter.drafted
        is_open = letter.state in {_S.IN_DRAFTS, _S.FOR_A_PERSON}
        return is_open or (settled is not None and self._now - settled < _SETTLED)

    def _locate(self, letters: tuple[QueuedLetter, ...]) -> Mapping[str, Whereabouts]:
        """Where letters lie; nothing while the folder is out of reach."""
        if self._lying is None and not self._is_out_of_reach:
            try:
                self._lying = self._outside.mailbox.list_drafts(self._find_since(letters) - CLOCKS_APART)
            except WorldFault as fault:
                self._is_out_of_reach = True
                structlog.get_logger().warning("post.drafts.unseen", fault=type(fault).__name__)
        return {} if self._lying is None else locate_letters(letters, self._lying)

    def _find_since(self, letters: tuple[QueuedLetter, ...]) -> datetime:
        """From when on sent letters are looked through. A store that came from elsewhere writes some anew that left."""
        store, longest = self._outside.store, self._now - WATCHED
        service = store.service_status()
        if service.moved or (service.compared is not None and service.compared > longest):
            return longest
        waiting = store.claimable(clock=self._outside.clock(), alone=self._outside.alone)
        return max(longest, min([self._now, *(x.drafted or x.queued for x in (*letters, *waiting))]))

    # One letter ---------------------------------------------------------------------------------------

    def _follow(self, letter: QueuedLetter, lies: Whereabouts) -> bool:
        """See what became of one letter. Whether a person has sent it just now."""
        if lies.sent is not None and letter.state is not _S.SENT:
            left = self._note_left(letter, lies.sent)
            self._take_out(*lies.drafts)
            return left
        if lies.is_leaving:
            return False
        if letter.state is _S.FOR_A_PERSON and lies.drafts:  # it was moved back, or had only been away
            self._outside.store.move_draft(letter, _S.IN_DRAFTS, proof=_LIES_THERE)
        elif letter.state is not _S.IN_DRAFTS:
            self._take_out(*lies.drafts)
        elif judged := self._judge(letter):
            self._give_up(letter, lies, *judged)
        elif lies.drafts:
            self._note_lying(letter, lies)
        elif not letter.proof:
            self._put(letter)
        else:
            self._miss(letter)
        return False

    def _note_left(self, letter: QueuedLetter, sent: Lying) -> bool:
        """It was sent, when the mail system says: not before it lay there, and not in time to come."""
        as_left = self._keep_changed(letter, sent)
        when = min(max(sent.since, letter.drafted or sent.since), self._now)
        proof = f"sent by hand: {sent.source}"
        left = self._outside.store.move_draft(letter, _S.SENT, proof=proof, at=when, as_left=as_left)
        self._outside.reached("post:found sent by hand")
        structlog.get_logger().info("post.letter.sent_by_hand", letter=letter.id, kind=letter.kind)
        return left

    def _give_up(self, letter: QueuedLetter, lies: Whereabouts, to: LetterState, reason: str) -> None:
        """Take it out: what is committed first is that it may not lie there."""
        as_left = self._keep_changed(letter, lies.drafts[-1]) if lies.drafts else ""
        until = self._now + WAIT if to is _S.QUEUED else None
        moved = self._outside.store.move_draft(
            letter, to, reason=reason, not_before=until, missed=self._now, as_left=as_left
        )
        self._outside.reached("post:to be taken out")
        if moved:
            self._take_out(*lies.drafts)

    def _note_lying(self, letter: QueuedLetter, lies: Whereabouts) -> None:
        """It lies there. Of two copies that one goes which nobody has changed; of two such the later."""
        if letter.missed or not letter.proof:
            self._outside.store.move_draft(letter, _S.IN_DRAFTS, proof=_LIES_THERE)
            self._outside.reached("post:in drafts")
        unchanged = [x for x in lies.drafts if len(lies.drafts) > 1 and not self._keep_changed(letter, x)]
        self._take_out(*(unchanged if len(unchanged) < len(lies.drafts) else unchanged[1:]))

    def _put(self, letter: QueuedLetter) -> None:
        store, outside = self._outside.store, self._outside
        try:
            outside.mailbox.put_draft(outside.archive.fetch(letter.content), letter.recipient, letter.id)
        except (KeyError, ValueError):
            store.move_draft(letter, _S.HELD, reason="Its bytes are missing from the archive, or were changed there.")
            return
        except NotAcceptedForGood as fault:
            store.move_draft(letter, _S.FAILED, reason=str(fault))
            return
        except WorldFault as fault:
            # Looked for at the next beat: it may lie there all the same.
            self._is_out_of_reach = not isinstance(fault, NotAccepted)
            self._lying = None if self._is_out_of_reach else self._lying
            structlog.get_logger().warning("post.draft.refused", letter=letter.id, fault=type(fault).__name__)
            return
        outside.reached("post:drafted")
        self.drafted += store.move_draft(letter, _S.IN_DRAFTS, proof=_LIES_THERE)
        outside.reached("post:in drafts")
        structlog.get_logger().info("post.letter.drafted", letter=letter.id, kind=letter.kind)

    def _miss(self, letter: QueuedLetter) -> None:
        """It lies nowhere. She is asked once its copy has had time to come."""
        store = self._outside.store
        if letter.missed is None:
            store.move_draft(letter, _S.IN_DRAFTS, proof=letter.proof, missed=self._now)
        elif abs(self._now - letter.missed) >= WAIT:
            store.move_draft(letter, _S.FOR_A_PERSON, reason=_GONE, missed=letter.missed)

    def _take_out(self, *drafts: Lying) -> None:
        """Remove drafts. What cannot be removed now is tried again at the next beats."""
        for one in drafts:
            try:
                self._outside.mailbox.remove(one.source)
            except WorldFault as fault:
                structlog.get_logger().warning("post.draft.left", fault=type(fault).__name__)
            self._outside.reached("post:draft removed")

    def _keep_changed(self, letter: QueuedLetter, lying: Lying) -> str:
        """The hash of a copy that a person has changed, kept as it is; "" for one that says what we wrote.

        Raises DiskFull. What cannot be read whole is taken for unchanged.
        """
        outside = self._outside
        try:
            fetched = outside.mailbox.get(lying.source, self._now)
            ours = outside.archive.fetch(letter.content)
        except (MessageGone, KeyError, ValueError):
            return ""
        if not fetched.whole or not say_changes(ours, fetched.raw, self._now):
            return ""
        return outside.archive.keep(fetched.raw)
