"""The approved record of a session. A published version is immutable; a change is a new version."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, event, inspect
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm import Session as DatabaseSession

from app.accounts.models import Account
from app.core.db import Edited, Kept, Model
from app.core.i18n import _, _lp
from app.events.models import Event
from app.files.models import StoredFile
from app.minutes.errors import TextIsFixed
from app.people.models import Clearance, Person
from app.programme.models import AgendaItem, Session
from app.signing.models import IssuedDocument


class MinutesState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


MINUTES_STATE_LABELS = {
    MinutesState.DRAFT: _lp("minutes", "Draft"),
    MinutesState.IN_REVIEW: _lp("minutes", "In review"),
    MinutesState.APPROVED: _lp("minutes", "Approved"),
    MinutesState.PUBLISHED: _lp("minutes", "Published"),
    MinutesState.WITHDRAWN: _lp("minutes", "Withdrawn"),
}


def joined(sections: Iterable[tuple[str, str]]) -> str:
    """Headings and texts of sections as one Markdown text."""
    parts = [part.strip("\n") for heading, text in sections for part in (f"## {heading}" if heading else "", text)]
    return "\n\n".join(part for part in parts if part)


class Tradition(StrEnum):
    """How minutes are laid out: as those of a chaired assembly (Robert's Rules), or as 会议纪要."""

    ASSEMBLY = "assembly"
    SUMMARY = "summary"


TRADITION_LABELS = {
    Tradition.ASSEMBLY: _lp("minutes", "Minutes of an assembly"),
    Tradition.SUMMARY: _lp("minutes", "Meeting summary (会议纪要)"),
}


class MinutesTemplate(Edited, Model):
    """With which sections minutes begin: of one kind of session in one language, or of any kind. One may be the house's.

    `outline`: a list of {key, heading, level, source}; `key` names what is drafted from the records there.
    """

    __tablename__ = "minutes_template"

    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(20), default="en")
    session_kind: Mapped[str | None] = mapped_column(String(20))
    tradition: Mapped[str] = mapped_column(String(10), default=Tradition.ASSEMBLY)
    outline: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    paper_heading: Mapped[str | None] = mapped_column(String(200))  # stands over the title on paper
    docx_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))  # the company's Word template
    archived_at: Mapped[datetime | None]

    docx: Mapped[StoredFile | None] = relationship()

    @property
    def label(self) -> str:
        return self.name


class Minutes(Edited, Model):
    """The document of one session. Its number is given at sign-off: year and serial, without gaps."""

    __tablename__ = "minutes"
    __table_args__ = (UniqueConstraint("year", "number"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    template_id: Mapped[int | None] = mapped_column(ForeignKey("minutes_template.id", ondelete="SET NULL"))
    language: Mapped[str] = mapped_column(String(20), default="en")
    tradition: Mapped[str] = mapped_column(String(10), default=Tradition.ASSEMBLY)
    title: Mapped[str] = mapped_column(String(200))
    subjects: Mapped[list[str]] = mapped_column(default=list)  # words under which the library files them
    year: Mapped[int | None]
    number: Mapped[int | None] = mapped_column(active_history=True)
    earlier_number: Mapped[str | None] = mapped_column(String(60))  # of minutes from before: as printed on them
    state: Mapped[str] = mapped_column(String(10), default=MinutesState.DRAFT)
    recorder_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recorder_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    approved_at: Mapped[datetime | None]
    approved_by_name: Mapped[str | None] = mapped_column(String(200))
    published_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]
    current_id: Mapped[int | None] = mapped_column(ForeignKey("minutes_version.id", use_alter=True))
    least_clearance: Mapped[int] = mapped_column(default=Clearance.INTERNAL)  # who reads less finds nothing in force
    distribution: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # for whom: {kind, ref, said, …, copy}

    event: Mapped[Event] = relationship()
    session: Mapped[Session] = relationship()
    template: Mapped[MinutesTemplate | None] = relationship()
    recorder: Mapped[Person | None] = relationship()
    current: Mapped["MinutesVersion | None"] = relationship(foreign_keys=[current_id], post_update=True)
    versions: Mapped[list["MinutesVersion"]] = relationship(
        back_populates="minutes", foreign_keys="MinutesVersion.minutes_id", order_by="MinutesVersion.number"
    )
    attachments: Mapped[list["Attachment"]] = relationship(back_populates="minutes", order_by="Attachment.id")

    @property
    def label(self) -> str:
        """`2027-03` once it is signed off, else the session's title: the log is read by more people than a draft is."""
        if self.year and self.number:
            return f"{self.year}-{self.number:02d}"
        return self.earlier_number or self.session.title

    @property
    def newest(self) -> "MinutesVersion":
        return self.versions[-1]

    @property
    def under_work(self) -> "MinutesVersion | None":
        """The text that is not published yet, if there is one: the first draft, or an amendment."""
        return None if self.state == MinutesState.WITHDRAWN or self.newest.is_published else self.newest

    @property
    def was_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_chinese(self) -> bool:
        return self.language.startswith("zh")


LISTS = ("present", "excused", "in_attendance")  # of people


class MinutesVersion(Edited, Model):
    """One text of the minutes, in sections. `frozen_at` set means immutable.

    `content_hash` is over the canonical content of the whole text. Each reader gets an extract (`Extract`), which has a
    hash and a paper of its own, so that nothing tells of a section that is not theirs.
    """

    __tablename__ = "minutes_version"
    __table_args__ = (UniqueConstraint("minutes_id", "number"),)

    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id", ondelete="CASCADE"))
    number: Mapped[int]
    attendance: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by the names of LISTS: names as then
    lists_by_hand: Mapped[list[str]] = mapped_column(default=list)  # the others follow the record until the sign-off
    change_note: Mapped[str | None]
    is_editorial: Mapped[bool] = mapped_column(default=False)  # earlier acknowledgements stay valid
    writers: Mapped[list[str]] = mapped_column(
        default=list
    )  # refs of the accounts that wrote it: they do not approve it
    taken_over: Mapped[list[str]] = mapped_column(
        default=list
    )  # of an amendment: marks that say again what is recorded
    in_review_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None] = mapped_column(active_history=True)
    published_at: Mapped[datetime | None]
    content_hash: Mapped[str | None] = mapped_column(String(64))
    source_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))  # the paper it was read in from
    accepted_at: Mapped[datetime | None]  # of a text that was read in: when a person said that it was read in rightly

    minutes: Mapped[Minutes] = relationship(back_populates="versions", foreign_keys=[minutes_id])
    sections: Mapped[list["Section"]] = relationship(
        back_populates="minutes_version", order_by="Section.position, Section.id", cascade="all, delete-orphan"
    )
    extracts: Mapped[list["Extract"]] = relationship(
        back_populates="minutes_version", order_by="Extract.clearance", cascade="all, delete-orphan"
    )
    source_file: Mapped[StoredFile | None] = relationship()
    rounds: Mapped[list["ReviewRound"]] = relationship(back_populates="minutes_version", order_by="ReviewRound.number")

    @property
    def event(self) -> Event:
        return self.minutes.event

    @property
    def label(self) -> str:
        return f"{self.minutes.label} v{self.number}"

    @property
    def title(self) -> str:
        return self.minutes.title

    @property
    def stage(self) -> MinutesState:
        """Where this text stands, whatever became of the others."""
        if self.is_published:
            return MinutesState.PUBLISHED
        if self.frozen_at is not None:
            return MinutesState.APPROVED
        return MinutesState.DRAFT if self.in_review_at is None else MinutesState.IN_REVIEW

    @property
    def is_published(self) -> bool:
        return self.published_at is not None or (self.id is not None and self.minutes.current_id == self.id)

    @property
    def needs_acceptance(self) -> bool:
        """Read in from a paper, and nobody said yet that it was read in rightly (rule 37)."""
        return self.source_file_id is not None and self.accepted_at is None

    @property
    def whole(self) -> str:
        """All sections as one Markdown text, those that few may read among them: for those who write and sign."""
        return joined((each.heading, each.said) for each in self.sections)


class Section(Edited, Model):
    """A part of one version with a heading and a classification: who reads less than `clearance` never meets it.

    `source` is Markdown with marks such as {{assignment 3k…}} that stand for records; `text` is what was said in their
    place when the version was frozen, and `bindings` which sentence stood for which record: {kind, ref, sentence}.
    `origin` is the ref of the same section in the first version that had it: links, comments and comparisons go by it.
    """

    __tablename__ = "minutes_section"

    version_id: Mapped[int] = mapped_column(ForeignKey("minutes_version.id", ondelete="CASCADE"), index=True)
    origin: Mapped[str] = mapped_column(String(16), index=True)
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(20), default="")  # what is drafted there from the records; empty: by hand
    heading: Mapped[str] = mapped_column(String(200), default="")
    clearance: Mapped[int] = mapped_column(default=Clearance.INTERNAL)
    source: Mapped[str] = mapped_column(default="")
    text: Mapped[str | None]
    bindings: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    locked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    locked_until: Mapped[datetime | None]
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))  # None: drafted
    written_at: Mapped[datetime | None]
    kept_at: Mapped[datetime | None]  # when an earlier text of it was put aside last

    minutes_version: Mapped[MinutesVersion] = relationship(back_populates="sections")
    locked_by: Mapped[Account | None] = relationship(foreign_keys=[locked_by_id])
    written_by: Mapped[Account | None] = relationship(foreign_keys=[written_by_id])

    @property
    def minutes(self) -> Minutes:
        return self.minutes_version.minutes

    @property
    def event(self) -> Event:
        return self.minutes.event

    def holder_at(self, moment: datetime) -> Account | None:
        """Who has the section for themselves at that moment."""
        return self.locked_by if self.locked_until is not None and self.locked_until > moment else None

    @property
    def said(self) -> str:
        """What was frozen, else the source as it is written."""
        return self.source if self.text is None else self.text

    @property
    def label(self) -> str:
        """For the log, which is read by more people than the text is."""
        return f"{self.minutes_version.label} § {self.position}"


class EarlierText(Kept, Model):
    """What a section said before somebody else wrote over it, or took it away: for those who write, until the sign-off."""

    __tablename__ = "minutes_earlier_text"
    __table_args__ = (Index(None, "version_id", "origin"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("minutes_version.id", ondelete="CASCADE"))
    origin: Mapped[str] = mapped_column(String(16))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(20), default="")
    heading: Mapped[str] = mapped_column(String(200), default="")
    clearance: Mapped[int]
    source: Mapped[str]
    by_name: Mapped[str | None] = mapped_column(String(200))
    written_at: Mapped[datetime | None]

    minutes_version: Mapped[MinutesVersion] = relationship()

    @property
    def event(self) -> Event:
        return self.minutes_version.event

    @property
    def label(self) -> str:
        return self.minutes_version.label


class Extract(Kept, Model):
    """A frozen version as those read it whose clearance reaches `clearance` and not the next one's.

    `text_hash` is over what is said alone, so that two versions that say the same to somebody are the same to them;
    the document's hash is over the whole paper with its number, edition and sign-off.
    """

    __tablename__ = "minutes_extract"
    __table_args__ = (UniqueConstraint("version_id", "clearance"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("minutes_version.id", ondelete="CASCADE"))
    clearance: Mapped[int]
    text_hash: Mapped[str] = mapped_column(String(64))
    document_id: Mapped[int] = mapped_column(ForeignKey("issued_document.id"))

    minutes_version: Mapped[MinutesVersion] = relationship(back_populates="extracts")
    document: Mapped[IssuedDocument] = relationship()


class Attachment(Kept, Model):
    """A file that goes with the minutes, or with one section of them; met by nobody below its classification.

    A version that was approved keeps the files that it had.
    """

    __tablename__ = "minutes_attachment"

    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id", ondelete="CASCADE"), index=True)
    section_origin: Mapped[str | None] = mapped_column(String(16))
    clearance: Mapped[int] = mapped_column(default=Clearance.INTERNAL)
    title: Mapped[str] = mapped_column(String(200))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    from_number: Mapped[int]  # the first version that it goes with,
    until_number: Mapped[int | None]  # and the first one without it

    minutes: Mapped[Minutes] = relationship(back_populates="attachments")
    file: Mapped[StoredFile] = relationship()

    @property
    def event(self) -> Event:
        return self.minutes.event

    @property
    def label(self) -> str:
        return self.minutes.label


class Mention(Kept, Model):
    """Under which persons and subjects the text in force is found in the library, for whom that is theirs to read."""

    __tablename__ = "minutes_mention"
    __table_args__ = (UniqueConstraint("minutes_id", "kind", "key"),)

    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))  # person, subject
    key: Mapped[str] = mapped_column(String(100), index=True)  # a person's ref, or the subject's words folded
    words: Mapped[str] = mapped_column(String(200))
    clearance: Mapped[int] = mapped_column(default=Clearance.INTERNAL)  # the least of the sections that name it


class ReviewRound(Kept, Model):
    """One asking for corrections to one version, until the end of a day. `silence_agrees` is spelled out in the request."""

    __tablename__ = "minutes_round"

    version_id: Mapped[int] = mapped_column(ForeignKey("minutes_version.id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(default=1)
    due_on: Mapped[date | None]
    silence_agrees: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str | None]
    opened_by_name: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    returned_by_name: Mapped[str | None] = mapped_column(String(200))  # who made a draft of it again, and why
    returned_reason: Mapped[str | None]

    minutes_version: Mapped[MinutesVersion] = relationship(back_populates="rounds")
    reviewers: Mapped[list["Reviewer"]] = relationship(back_populates="round", order_by="Reviewer.id", lazy="selectin")

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def is_over_at(self, now: datetime) -> bool:
        """Whether its last day has passed at the place of the gathering."""
        return self.due_on is not None and self.event.day_at(now) > self.due_on

    @property
    def silent(self) -> list["Reviewer"]:
        return [each for each in self.reviewers if each.answered_at is None]

    @property
    def event(self) -> Event:
        return self.minutes_version.event

    @property
    def label(self) -> str:
        return self.minutes_version.label


class ReviewAnswer(StrEnum):
    AGREED = "agreed"
    CORRECTIONS = "corrections"


class Reviewer(Kept, Model):
    """Somebody who was asked in a round. `answer`: agreed, or corrections; none yet while `answered_at` is empty."""

    __tablename__ = "minutes_reviewer"
    __table_args__ = (UniqueConstraint("round_id", "person_id"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("minutes_round.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    answer: Mapped[str | None] = mapped_column(String(12))
    answered_at: Mapped[datetime | None]

    round: Mapped[ReviewRound] = relationship(back_populates="reviewers")
    person: Mapped[Person] = relationship(lazy="joined")

    @property
    def event(self) -> Event:
        return self.round.event

    @property
    def label(self) -> str:
        return self.round.label


class CommentState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DONE = "done"
    DECLINED = "declined"


class ReviewComment(Edited, Model):
    """What a reviewer asks to correct: in general, or at one paragraph of one section, with a wording if they like.

    `quoted` is the paragraph as the reviewer read it, in Markdown; `proposed` what should stand instead. It is met by
    nobody below `clearance`, nor below what its section is classified as now.
    """

    __tablename__ = "minutes_comment"

    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id", ondelete="CASCADE"), index=True)
    section_origin: Mapped[str | None] = mapped_column(String(16))
    paragraph: Mapped[int | None]  # its number as the reviewer read it
    round_id: Mapped[int | None] = mapped_column(ForeignKey("minutes_round.id", ondelete="SET NULL"))
    clearance: Mapped[int] = mapped_column(default=Clearance.INTERNAL)  # of the section, or of all that was read
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(200))
    text: Mapped[str]
    quoted: Mapped[str | None]
    proposed: Mapped[str | None]
    state: Mapped[str] = mapped_column(String(10), default=CommentState.OPEN)
    answer: Mapped[str | None]
    resolved_by_name: Mapped[str | None] = mapped_column(String(200))
    resolved_at: Mapped[datetime | None]

    minutes: Mapped[Minutes] = relationship()

    @property
    def is_open(self) -> bool:
        return self.state == CommentState.OPEN

    @property
    def event(self) -> Event:
        return self.minutes.event

    @property
    def label(self) -> str:
        return self.minutes.label


class CheckOverride(Kept, Model):
    """A finding before the sign-off that was let stand, and why. `key` names the check and what it found."""

    __tablename__ = "minutes_override"
    __table_args__ = (UniqueConstraint("version_id", "key"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("minutes_version.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str]
    by_name: Mapped[str] = mapped_column(String(200))

    minutes_version: Mapped[MinutesVersion] = relationship()

    @property
    def event(self) -> Event:
        return self.minutes_version.event

    @property
    def label(self) -> str:
        return self.minutes_version.label


class Acknowledgement(Kept, Model):
    """A person's confirmation of having read one version as it was shown to them. `version_id` None: not yet read.

    `version_hash` is the hash of the paper that was read, `text_hash` of what it said: a new version that says the same
    to this person needs no new confirmation.
    """

    __tablename__ = "acknowledgement"
    __table_args__ = (UniqueConstraint("minutes_id", "person_id"),)

    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("minutes_version.id"))
    version_hash: Mapped[str | None] = mapped_column(String(64))
    text_hash: Mapped[str | None] = mapped_column(String(64))
    clearance: Mapped[int | None]  # up to which level the reader read then
    is_copy: Mapped[bool] = mapped_column(default=False)  # gets it for information and is not asked to confirm
    asked_at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    minutes: Mapped[Minutes] = relationship()
    person: Mapped[Person] = relationship()
    version: Mapped[MinutesVersion | None] = relationship()

    @property
    def event(self) -> Event:
        return self.minutes.event

    @property
    def label(self) -> str:
        return self.minutes.label


class Reading(Kept, Model):
    """Which version somebody saw last, so that they can be told what changed since."""

    __tablename__ = "minutes_reading"
    __table_args__ = (UniqueConstraint("minutes_id", "account_id"),)

    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("minutes_version.id", ondelete="CASCADE"))
    before_id: Mapped[int | None] = mapped_column(ForeignKey("minutes_version.id", ondelete="CASCADE"))
    read_at: Mapped[datetime]

    minutes: Mapped[Minutes] = relationship()


class Outcome(StrEnum):
    ADOPTED = "adopted"
    CORRECTED = "corrected"
    DEFERRED = "deferred"


OUTCOME_LABELS = {
    Outcome.ADOPTED: _lp("minutes", "Adopted as they stand"),
    Outcome.CORRECTED: _lp("minutes", "Adopted as corrected"),
    Outcome.DEFERRED: _lp("minutes", "Deferred"),
}


class Adoption(Edited, Model):
    """Earlier minutes on the agenda of a later session, which adopts them, as they stand or as corrected."""

    __tablename__ = "minutes_adoption"
    __table_args__ = (UniqueConstraint("minutes_id", "session_id"),)

    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id", ondelete="CASCADE"))
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id", ondelete="SET NULL"))
    outcome: Mapped[str | None] = mapped_column(String(12))
    corrections: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    by_name: Mapped[str | None] = mapped_column(String(200))

    minutes: Mapped[Minutes] = relationship()
    session: Mapped[Session] = relationship()
    item: Mapped[AgendaItem | None] = relationship()

    @property
    def event(self) -> Event:
        return self.session.event

    @property
    def label(self) -> str:
        return self.minutes.label


# --- what is signed does not change -------------------------------------------------------------------------------

SIGNED = {
    MinutesVersion: (
        "minutes_id", "number", "attendance", "change_note", "is_editorial", "writers", "frozen_at", "content_hash",
    ),
    Section: (
        "minutes_version", "version_id", "origin", "position", "key", "heading", "clearance", "source", "text", "bindings",
    ),
    Extract: ("minutes_version", "version_id", "clearance", "text_hash", "document_id"),
}  # fmt: skip


@event.listens_for(DatabaseSession, "before_flush")
def _refuse_changes_to_what_is_signed(session: DatabaseSession, _context: object, _instances: object) -> None:
    """Whichever act forgets to ask: no row of a frozen text is changed, added or deleted."""
    for record in (*session.dirty, *session.deleted, *session.new):
        if isinstance(record, Minutes):
            fixed = _was(record, "number") is not None and _changes(record, ("year", "number", "title"))
        elif isinstance(record, MinutesVersion):
            gone = record in session.deleted
            fixed = _was(record, "frozen_at") is not None and (gone or _changes(record, SIGNED[MinutesVersion]))
        elif isinstance(record, Section | Extract):
            version = _was(record, "minutes_version") or record.minutes_version
            touched = record not in session.dirty or _changes(record, SIGNED[type(record)])
            fixed = touched and version is not None and _was(version, "frozen_at") is not None
        else:
            continue
        if fixed:
            raise TextIsFixed(_("This text is approved and does not change any more. Make a new version instead."))


def _was(record: Model, name: str) -> Any:
    """The value that is stored."""
    if not inspect(record).persistent:
        return None
    history = inspect(record).attrs[name].load_history()
    return next(iter(history.deleted or history.unchanged), None)


def _changes(record: Model, names: tuple[str, ...]) -> bool:
    return any(inspect(record).attrs[name].history.has_changes() for name in names)
