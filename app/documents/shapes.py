"""What each printed document takes. Every text is plain text unless it says Blocks; an empty text prints nothing.

Dates and moments arrive as words in the reader's language with the name of their zone; only `dated` is ISO 8601,
because it becomes the date inside the file. A key `qr` is drawn as a QR code of its text.
"""

from typing import Any, Literal, NotRequired, TypedDict

Blocks = list[dict[str, Any]]  # from app.documents.markdown.to_typst_blocks


class DocumentFacts(TypedDict):
    title: str
    dated: str  # the day of issue, YYYY-MM-DD


class Fact(TypedDict):
    label: str
    value: str


class NameList(TypedDict):
    label: str  # "Present", "Excused", "To", "Copy to"
    names: list[str]


class Verification(TypedDict):
    """`sentence` says how to check, `fingerprint` is hexadecimal and printed in groups of four, `qr` is what the square code
    holds, `address` what is printed of it, `head` the head of the log, `root` the beginning of the root's fingerprint."""

    sentence: str
    fingerprint: str
    qr: str
    address: NotRequired[str]
    head: NotRequired[str]
    root: NotRequired[str]


class FrameLabels(TypedDict):
    page_of: str  # with %(page)s and %(pages)s
    fingerprint: str
    code: str  # what the QR code is read as, for screen readers
    head: NotRequired[str]  # of the log
    root: NotRequired[str]


class Framed(TypedDict):
    """What every document has: the running header shows organization and classification, the footer the pages."""

    document: DocumentFacts
    organization: str
    classification: str
    state_note: NotRequired[str]  # a banner such as "Draft, not approved"


class Section(TypedDict):
    heading: str
    blocks: Blocks
    classification: NotRequired[str]  # where it is more than that of the whole paper's least


class Decision(TypedDict):
    number: str
    text: str
    responsible: str
    due: str


class SignOff(TypedDict):
    role: str
    name: str
    position: str
    signed_at: str  # empty leaves the line open for a hand


class MinutesLabels(FrameLabels):
    attendance: str
    none: str
    decisions: str
    number: str
    decided: str
    responsible: str
    due: str
    sign_off: str
    distribution: str


class Minutes(Framed):
    """templates/documents/minutes.typ"""

    labels: MinutesLabels
    layout: Literal["assembly", "summary"]  # as minutes of an assembly, or as 会议纪要
    paper_heading: str  # stands over the title in place of the organization
    issue_number: str
    dated_words: NotRequired[str]  # the day of issue in words, beside the issue number
    overview: list[Fact]  # time with zone, place, chair, recorder
    attendance: list[NameList]  # present, excused, in attendance: an empty list prints `labels.none`
    sections: list[Section]
    decisions: list[Decision]
    sign_off: list[SignOff]
    distribution: list[NameList]
    verification: Verification | None


class Target(TypedDict):
    target: str
    start: str
    goal: str
    due: str


class SignatureSlot(TypedDict):
    role: str
    name: str
    position: str
    signed_at: str  # empty: not yet signed
    method: str
    field: NotRequired[
        str
    ]  # of the PDF form, where the signature will be put in; empty in papers from before there were any


class Seal(TypedDict):
    upper: str  # the organization, two to four characters or a short word
    lower: str  # the kind of deed


class PledgeLabels(FrameLabels):
    targets: str
    target: str
    start: str
    goal: str
    due: str
    deadline: str
    signatures: str
    unsigned: str
    attached: str


class Pledge(Framed):
    """templates/documents/pledge.typ"""

    labels: PledgeLabels
    number: str
    version: str
    frozen_at: str
    text: Blocks
    targets: list[Target]
    deadline: str
    slots: list[SignatureSlot]
    seal: Seal | None  # only when complete, in papers from before there were fields
    closing: NotRequired[str]  # the field of the seal that is put in when all have signed
    proof: str  # the one sentence on what the signatures prove
    root: NotRequired[str]  # fingerprint of the company's root certificate
    verification: Verification | None


class Stamp(TypedDict):
    """templates/documents/stamp.typ: what a signature looks like in its field"""

    document: DocumentFacts
    width: float  # points, as of the field
    height: float
    name: str
    mark_text: str  # typed by the signatory
    mark: str  # drawn by them, as SVG
    lines: list[str]  # when and how
    seal: Seal | None  # instead of all of it


class AdmissionLabels(FrameLabels):
    admission: str


class AdmissionCard(TypedDict):
    name: str
    position: str
    role: str  # "Participant", "Speaker"
    facts: list[Fact]  # seat, table, what to bring
    qr: str  # what the door scans
    reference: str  # the same to type, if the camera fails
    note: str


class Admission(Framed):
    """templates/documents/admission.typ: one A6 page a card."""

    labels: AdmissionLabels
    event: str
    event_facts: list[Fact]  # days, place, zone
    cards: list[AdmissionCard]


class Column(TypedDict):
    label: str
    width: NotRequired[float]  # share of the page; without it as wide as its content needs
    align: NotRequired[Literal["left", "center", "right"]]


class ListLabels(FrameLabels):
    empty: str


class ListDocument(Framed):
    """templates/documents/list.typ. A row with one cell is a heading inside the table."""

    labels: ListLabels
    subtitle: str
    facts: list[Fact]
    columns: list[Column]
    rows: list[list[str]]
    note: str
    landscape: bool
    verification: Verification | None


class CircularItem(TypedDict):
    heading: str
    where: str  # the label, and the gathering where there are several
    responsible: str
    due: str
    standing: str


class CircularSection(TypedDict):
    heading: str
    items: list[CircularItem]


class CircularUnit(TypedDict):
    name: str
    agreed: str  # "7 of 9", or a percentage with the counts
    strict: str
    sections: list[CircularSection]


class CircularLabels(FrameLabels):
    numbers: str
    agreed: str
    strict: str
    requirement: str
    responsible: str
    due: str
    standing: str
    distribution: str
    empty: str


class CircularDocument(Framed):
    """templates/documents/circular.typ"""

    labels: CircularLabels
    issue_number: str
    dated_words: str  # the moment that it tells of, with its zone
    facts: list[Fact]
    remarks: str
    agreed: str
    strict: str
    explained: str
    counts: list[Fact]
    departments: list[CircularUnit]
    readers: list[str]
    verification: Verification | None


class BookletItem(TypedDict):
    time: str  # "09:00–09:40", or words for an unknown one
    title: str
    speakers: str
    room: str
    track: str
    colour: str  # of the track, as #rrggbb
    summary: str
    note: str  # "internal"
    cancelled: str  # a word that stands beside the struck title


class BookletSitting(TypedDict):
    title: str  # empty for what belongs to the day itself
    facts: str  # time, chair, room, theme in one line
    items: list[BookletItem]


class BookletDay(TypedDict):
    title: str
    sittings: list[BookletSitting]


class BookletLabels(FrameLabels):
    programme: str
    times_in: str  # "Times in Asia/Shanghai", under each day
    empty: str


class Booklet(Framed):
    """templates/documents/booklet.typ: a cover, then the days."""

    labels: BookletLabels
    event: str
    facts: list[Fact]  # days, place, zone, audience
    edition: str  # which release, of which day; or that it is not released
    days: list[BookletDay]


class SignLine(TypedDict):
    time: str
    title: str
    speakers: str


class DoorSignPage(TypedDict):
    room: str
    day: str
    lines: list[SignLine]


class DoorSigns(Framed):
    """templates/documents/door_sign.typ: one landscape page for a room and a day."""

    labels: FrameLabels
    event: str
    zone: str
    edition: str
    signs: list[DoorSignPage]


class SheetItem(TypedDict):
    day: str
    time: str
    room: str
    title: str
    others: str  # who speaks there too


class SheetOwed(TypedDict):
    what: str
    item: str
    due: str
    state: str


class SpeakerSheetPage(TypedDict):
    name: str
    position: str
    facts: list[Fact]  # how to reach them, whom they call
    items: list[SheetItem]
    owed: list[SheetOwed]


class SpeakerSheetLabels(FrameLabels):
    speaker: str
    items: str
    day: str
    time: str
    room: str
    item: str
    others: str
    owed: str
    what: str
    due: str
    state: str


class SpeakerSheets(Framed):
    """templates/documents/speaker_sheet.typ: a page a speaker."""

    labels: SpeakerSheetLabels
    event: str
    event_facts: list[Fact]
    edition: str
    sheets: list[SpeakerSheetPage]


class CardLayout(TypedDict):
    """Measures in millimetres, `largest` and `floor` of the name in points. `width` and `height` are those of one face."""

    width: float
    height: float
    page_width: float
    page_height: float
    columns: int
    rows: int
    left: float
    top: float
    gap_x: float
    gap_y: float
    start: int  # so many places of the first sheet are used already
    marks: bool  # where to cut, and where to fold
    folded: bool  # two faces, the upper one upside down
    largest: float
    floor: float


class PrintedCard(TypedDict):
    event: str
    organization: str
    name: str
    other: str  # the name in the other letters
    lines: list[str]  # position, department
    line: str
    qr: str
    number: str  # of a table; then there is no name


class Cards(Framed):
    """templates/documents/card.typ: badges, tent cards and table numbers."""

    labels: FrameLabels
    layout: CardLayout
    cards: list[PrintedCard]


class CertificateLabels(FrameLabels):
    certificate: str


class Certificate(TypedDict):
    name: str
    other: str
    position: str
    words: str
    parts: list[str]  # "Thu 14 Jan 2027, morning"
    signed_by: str
    dated: str
    code: str
    verification: Verification


class Certificates(Framed):
    """templates/documents/certificate.typ: a landscape page each."""

    labels: CertificateLabels
    certificates: list[Certificate]


class TallyLabels(FrameLabels):
    tally: str


class TallyCard(TypedDict):
    """One half, to be cut out and laid beside the metal."""

    side: str
    keeper: str
    number: str
    inscription: str
    campaign: str
    holder: str
    valid: str
    qr: str


class TallyPaper(Framed):
    """templates/documents/tally.typ: a landscape page for the wall, and a page with the two cards."""

    labels: TallyLabels
    number: str
    inscription: str
    words: str
    name: str
    position: str
    facts: list[Fact]
    conferred: str
    conferred_by: str
    code: str
    verification: Verification
    cards_heading: str
    cards: list[TallyCard]
