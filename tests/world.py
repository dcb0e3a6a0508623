"""Three gatherings full of everything, for walks over every route: A and B are restricted, P is public.

Every text of A begins with the canary of A, so that a leak names itself.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.models import Account, AccountLink, RoleGrant
from app.assistants.models import Assistantship
from app.attendance.models import SignInSheet
from app.audiences.models import GroupMember, InviteeRule, PersonGroup
from app.awards.models import Award, Recipient
from app.badges.models import PrintRun
from app.batches.models import Batch, BatchKind
from app.campaigns.models import Assessment, Campaign, Finding, MapTask, Review, RiskPoint, SupportRequest
from app.carryovers.models import CarryOver
from app.ceremonies.models import Ceremony, Photograph
from app.certificates import services as certificates
from app.circulars.models import Circular, CircularReader
from app.core import clock
from app.core.db import db
from app.core.roles import NOBODY, SYSTEM, Role
from app.core.text import fold
from app.custody.models import CustodyEvent
from app.decisions.models import Announcement, Decision
from app.delegations.models import Delegation
from app.door.models import CheckIn, Device, Point
from app.door.services import arrival_of
from app.events.models import Audience, Event, EventSeries, ParticipantGroup, Participation, Status
from app.extensions.models import Extension
from app.files import services as files
from app.mail.models import MailMessage
from app.mailings.models import Mailing
from app.minutes import extracts, paper
from app.minutes.marked import list_marked
from app.minutes.models import (
    Acknowledgement,
    Adoption,
    Attachment,
    CheckOverride,
    EarlierText,
    Extract,
    Minutes,
    MinutesState,
    MinutesTemplate,
    MinutesVersion,
    ReviewComment,
    Section,
)
from app.negotiations.models import CounterProposal
from app.nominations.models import (
    Category,
    Juror,
    Nomination,
    NominationEvidence,
    NominationState,
)
from app.notes.models import Note
from app.people.models import Department, Import, Organization, Person, Position, Team, TeamMember
from app.pledges.models import Pledge, PledgeEvidence, PledgeRound, PledgeState, PledgeTemplate, SignatureSlot
from app.programme.models import AgendaItem, AgendaSpeaker, Consent, HardStop, Room, Session, Track, Window
from app.progress.models import Progress
from app.proofs.models import Passkey
from app.publications.models import Release, ReleaseState
from app.questions.models import AnswerFile, AnswerSheet, ChangeRequest, FormVersion, QuestionForm
from app.register.models import SavedView
from app.registration.models import Invitation, PlaceCounter, Registration, RegistrationPlan, Reservation, State
from app.releases.content import digest as digest_of
from app.releases.models import ProgrammeRelease
from app.releases.queries import working_content
from app.requirements.models import (
    Addressee,
    Assignment,
    AssignmentState,
    Contributor,
    Evidence,
    Report,
    Requirement,
    RequirementLink,
    Support,
)
from app.search.services import put
from app.shows.models import Cue, Show, ShowVersion
from app.shows.rows import frozen, row_of
from app.signing import services as signing
from app.signing.tokens import digest
from app.speakers.models import Deliverable, DeliverableVersion, SpeakerProfile
from app.speeches.models import Passage, Speech, Statement
from app.stage.models import Reveal, Stage
from app.substitutions.models import Substitution
from app.tallies.models import Tally, TallyHalf
from tests.cast import Cast, load

CANARY = "canary-of-"
# Every text carries this too: a page that holds it as it stands has forgotten to escape that text (IN2).
MARKUP = "<img src=x onerror=alert(1)>"
assert NOBODY


@dataclass
class Scene:
    """One event and the records in it, by the name of the URL parameter that takes their ref."""

    event: Event
    refs: dict[str, str] = field(default_factory=dict)

    def keep(self, name: str, record: Any) -> Any:
        db.session.add(record)
        db.session.flush()
        self.refs[name] = record.ref
        return record


@dataclass
class World:
    a: Scene
    b: Scene
    p: Scene


def build() -> World:
    """Inside a unit of work. The cast's parts: olaf organizes A only here, petra is invited to A and registered."""
    cast = load()
    cast.accounts["olaf"].grants.clear()  # so that he organizes A and not everything
    cast.accounts["sara"].grants.clear()
    cast.accounts["sven"].grants.clear()
    cast.accounts["li_wei"].grants.clear()
    db.session.flush()
    world = World(
        a=scene("a", Audience.RESTRICTED, cast),
        b=scene("b", Audience.RESTRICTED, cast),
        p=scene("p", Audience.PUBLIC, cast),
    )
    a = world.a.event
    for name, role in (
        ("olaf", Role.ORGANIZER), ("sara", Role.SECRETARY), ("sven", Role.SUPERVISOR), ("li_wei", Role.PRESIDING_LEADER),
        ("dora", Role.DOOR),
    ):  # fmt: skip
        db.session.add(RoleGrant(account_id=cast.accounts[name].id, role=role, event_id=a.id))
    for name in ("petra", "mei", "tom", "rita"):
        db.session.add(Participation(event=a, person=cast.people[name], role="invited"))
    db.session.flush()
    return world


def scene(letter: str, audience: Audience, cast: Cast) -> Scene:
    word = f"{CANARY}{letter}{MARKUP}"
    now = clock.now()
    day = now.date()
    event = Event(
        title=f"{word} gathering", starts_on=day, ends_on=day + timedelta(days=1), time_zone="Asia/Shanghai", city=f"{word} city",
        audience=audience, status=Status.PUBLISHED, description=f"{word} description", published_at=now,
    )  # fmt: skip
    db.session.add(event)
    db.session.flush()
    days = {"year": str(day.year), "month": str(day.month), "day": str(day.day), "week": "10"}
    made = Scene(event, {"event_ref": event.ref, **days})
    event.series = made.keep("series_ref", EventSeries(title=f"{word} series"))
    made.refs["template_key"] = "town-hall"
    company = db.session.scalar(select(Organization).where(Organization.is_own))
    petra, tom, mei, li_wei = (cast.people[name] for name in ("petra", "tom", "mei", "li_wei"))
    made.keep("group_ref", ParticipantGroup(event=event, category=f"{word} directors"))
    made.keep(
        "part_ref",
        Participation(event=event, person=cast.people["aude"] if letter == "b" else li_wei, role="presiding_leader"),
    )
    team = made.keep("team_ref", Team(name=f"Team {letter}", organization=company))
    made.keep("member_ref", TeamMember(team=team, person=mei, role="commander"))
    room = made.keep("room_ref", Room(event=event, name=f"{word} hall", seats=60))
    starts = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
    session = made.keep(
        "session_ref",
        Session(
            event=event, title=f"{word} session", kind="strategy", covers_year=day.year, theme=f"{word} theme", chair=li_wei,
            starts_at=starts, ends_at=starts + timedelta(hours=3), room=room, day=day,
        ),
    )  # fmt: skip
    item = AgendaItem(
        event=event, session=session, kind="speech", title=f"{word} item", summary=f"{word} summary", room=room, starts_at=starts,
        ends_at=starts + timedelta(minutes=40),
    )  # fmt: skip
    part = AgendaSpeaker(
        person=li_wei, position=1, consent=Consent.NAMED if letter == "b" else Consent.ASKED, asked_at=now,
        answer_note=f"{word} answer", secret_hash=digest(f"token-{letter}"),
    )  # fmt: skip
    item.speakers = [part]
    item.track = made.keep("track_ref", Track(event=event, name=f"{word} track"))
    made.keep("item_ref", item)
    made.keep("stop_ref", HardStop(event=event, at=starts + timedelta(hours=9), reason=f"{word} stop"))
    made.refs |= {"speaking_ref": part.ref, "speaker_ref": li_wei.ref}
    plan = made.keep("plan_ref", RegistrationPlan(event=event, is_open=True))
    assert plan
    counter = made.keep("counter_ref", PlaceCounter(event=event, capacity=10, taken=1))
    registration = made.keep(
        "registration_ref",
        Registration(
            event=event, person=petra, state=State.CONFIRMED, joined_at=now, confirmed_at=now, door_code=f"DOOR-{letter}",
            note=f"{word} note",
        ),
    )  # fmt: skip
    db.session.add(Reservation(registration=registration, counter=counter, is_held=True))
    made.keep(
        "invitation_ref",
        Invitation(event=event, person=tom, via="person", token_hash=digest(f"token-{letter}"), sent_at=now),
    )
    made.keep(
        "substitution_ref",
        Substitution(
            event=event, registration=registration, to_person=cast.people["aude" if letter == "b" else "rita"],
            approver=mei, reason=f"{word} reason",
            token_hash=digest(f"token-{letter}"),
        ),
    )  # fmt: skip
    made.refs["token"] = f"token-{letter}"
    add_questions(made, registration, word)
    made.keep("invitee_rule_ref", InviteeRule(event=event, kind="person", value={"ref": tom.ref}, said=f"{word} line"))
    made.keep(
        "batch_ref",
        Batch(
            event=event, kind=BatchKind.TABLE, name=f"{word} table", columns=[f"{word} heading"], mapping={"name": 0},
            rows=[{"row": 2, "0": f"{word} name"}], by_id=cast.accounts["olaf"].id, by_name="Olaf",
        ),
    )  # fmt: skip
    speech = made.keep(
        "speech_ref",
        Speech(
            event=event, session=session, item=item, title=f"{word} speech", speaker=li_wei, speaker_name="Li Wei",
            position_title="President", announced_count=1, confirmed_at=now,
        ),
    )  # fmt: skip
    passage = made.keep("passage_ref", Passage(speech=speech, position=1, kind="directive", verbatim=f"{word} passage"))
    made.keep("statement_ref", Statement(event=event, session=session, team=team, verbatim=f"{word} statement"))
    requirement = made.keep(
        "requirement_ref",
        Requirement(
            event=event, speech=speech, passage=passage, label=f"RQ-{letter}", number=1, heading=f"{word} requirement",
            verbatim=f"{word} passage", kind="directive", state="assigned", tracking="assigned", topics=[],
        ),
    )  # fmt: skip
    before = Requirement(
        event=event, speech=speech, label=f"RQ-{letter}-9", number=9, heading=f"{word} earlier", kind="directive",
        state="withdrawn", topics=[],
    )  # fmt: skip
    made.keep("link_ref", RequirementLink(earlier=before, later=requirement, by_name=f"{word} linker"))
    made.keep("addressee_ref", Addressee(requirement=requirement, words=f"{word} addressee"))
    assignment = made.keep(
        "assignment_ref",
        Assignment(
            requirement=requirement, label=f"AS-{letter}", responsible=petra, verifier=tom, deliverable=f"{word} deliverable",
            criteria=f"{word} criteria", original_due_on=day, due_on=day, state=AssignmentState.IN_PROGRESS, accepted_at=now,
            handed_over_at=now,
        ),
    )  # fmt: skip
    made.keep(
        "support_ref", Support(assignment=assignment, department=Department(code=f"H{letter}", name=f"Help {letter}"))
    )
    made.keep(
        "contributor_ref",
        Contributor(assignment=assignment, person=Person(name=f"Hand {letter}", name_key=fold(f"Hand {letter}"))),
    )
    made.keep("view_ref", SavedView(account_id=petra.account_id, event=event, name=f"{word} view", query="is:late"))
    made.refs["act"] = "acceptance"
    db.session.add(Report(assignment=assignment, text=f"{word} report", confidence=7, by_name="Petra"))
    stored = files.store(f"{word} file".encode(), f"{word}.txt", "text/plain", actor=SYSTEM)
    made.refs["file_ref"] = stored.ref
    absent, stand_in = (Person(name=f"{each} {letter}", name_key=fold(each)) for each in ("Absent", "Stand-in"))
    made.keep(
        "delegation_ref",
        Delegation(
            principal=absent, deputy=stand_in, event=event, reason=f"{word} journey", from_on=day, to_on=day, file=stored,
            granted_at=now,
        ),
    )  # fmt: skip
    made.keep(
        "passkey_ref",
        Passkey(account_id=petra.account_id, name="Phone", credential=f"keyofthem{letter}AA", public_key="AA"),
    )
    made.keep(
        "evidence_ref", Evidence(assignment=assignment, described_as=f"{word} evidence", file=stored, by_name="Petra")
    )
    circular = made.keep(
        "circular_ref",
        Circular(event=event, title=f"{word} circular", from_on=day, to_on=day, remarks=f"{word} remarks"),
    )
    made.keep("reader_ref", CircularReader(circular=circular, person=petra))
    made.keep(
        "proposal_ref",
        CounterProposal(
            assignment=assignment, round=1, by_responsible=True, by_name=f"{word} proposer", deliverable="x",
            criteria="y", due_on=day, was={"deliverable": "", "criteria": "", "due_on": str(day), "resources": None},
        ),
    )  # fmt: skip
    made.keep(
        "extension_ref",
        Extension(
            assignment=assignment, asked_by_name=f"{word} asker", asked_on=day, was_due_on=day, new_due_on=day,
            reason=f"{word} delay",
        ),
    )  # fmt: skip
    made.keep(
        "window_ref",
        Window(
            event=event, person=li_wei, starts_at=starts, ends_at=starts + timedelta(hours=1), is_free=False,
            note=f"{word} absence",
        ),
    )  # fmt: skip
    made.keep(
        "profile_ref",
        SpeakerProfile(event=event, person=li_wei, bio=f"{word} bio", bio_local=f"{word} bio", photo=stored),
    )
    owed = made.keep(
        "deliverable_ref", Deliverable(item=item, person=li_wei, kind="slides", note=f"{word} wish", review="submitted")
    )
    made.keep("brought_ref", DeliverableVersion(deliverable=owed, number=1, file=stored, note=f"{word} version"))
    campaign = made.keep(
        "campaign_ref",
        Campaign(
            event=event,
            year=day.year,
            ordinal=1,
            name=f"{word} campaign",
            objective=f"{word} objective",
            commander=mei,
            team=team,
        ),
    )
    tally = Tally(
        event=event, campaign=campaign, label=f"HF-{letter}", inscription=f"{word} inscription", scope=f"{word} scope",
        threshold=f"{word} threshold", valid_from=day, valid_to=day + timedelta(days=300), state="active",
        conferred_at=now, conferred_outside=f"{word} outside",
        halves=[TallyHalf(side="left", holder=mei), TallyHalf(side="right", holder=li_wei)],
    )  # fmt: skip
    made.keep("tally_ref", tally)
    made.refs["side"] = "left"
    made.keep(
        "custody_ref",
        CustodyEvent(
            event=event, object_kind="tally_half", object_ref=tally.left.ref, object_name=f"{word} half", at=now,
            taker=cast.people["aude"] if letter == "b" else mei,
            place=f"{word} place", condition=f"{word} condition", from_confirmed_at=now,
        ),
    )  # fmt: skip
    made.keep("task_ref", MapTask(campaign=campaign, name=f"{word} task", responsible=mei))
    made.keep("risk_ref", RiskPoint(campaign=campaign, name=f"{word} risk", response=f"{word} response", owner=mei))
    made.keep(
        "request_ref",
        SupportRequest(
            campaign=campaign, to_department=mei.department, asked_by=mei, asked_by_name=mei.name, what=f"{word} support",
            needed_by=day,
        ),
    )  # fmt: skip
    made.keep(
        "carry_over_ref",
        CarryOver(
            from_event=event, to_event=event, campaign=campaign, age=1, state="left_out", reason=f"{word} reason"
        ),
    )
    made.keep("assessment_ref", Assessment(campaign=campaign, session=session, verdict=f"{word} verdict"))
    review = made.keep("review_ref", Review(campaign=campaign, session=session, intended=f"{word} intended"))
    made.keep("finding_ref", Finding(review=review, kind="cause_of_failure", text=f"{word} cause"))
    round_ = made.keep("round_ref", PledgeRound(event=event, year=day.year, title=f"{word} round"))
    ceremony = made.keep(
        "ceremony_ref",
        Ceremony(event=event, session=session, kind="pledge_signing", title=f"{word} ceremony", round=round_),
    )
    picture = files.store(f"{word} picture".encode(), f"{word}.png", "image/png", actor=SYSTEM)
    made.keep("photograph_ref", Photograph(ceremony=ceremony, file=picture, caption=f"{word} caption"))
    content = {"text": f"{word} pledge"}
    pledge = Pledge(
        event=event, round=round_, label=f"PL-{letter}", title=f"{word} pledge", text=f"{word} pledge text", targets=[],
        state=PledgeState.OPEN, content=content, team=team, opened_at=now,
    )  # fmt: skip
    made.keep("pledge_ref", pledge)
    document = signing.issue("pledge", title=f"{word} pledge", subject_ref=pledge.ref, edition=1, content=content)
    pledge.document, pledge.content_hash = document, document.content_hash
    made.refs["code"] = document.code
    made.keep("slot_ref", SignatureSlot(pledge=pledge, person=mei, role="pledger", position=1, name="Mei Zhao"))
    made.keep("piece_ref", PledgeEvidence(pledge=pledge, words=f"{word} proof", file=stored, by_name="Petra Lindqvist"))
    starts = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
    show = made.keep("show_ref", Show(event=event, title=f"{word} evening", starts_at=starts, number=1))
    cue = made.keep("cue_ref", Cue(show=show, number="101", position=1, title=f"{word} cue", starts_at=starts))
    db.session.add(ShowVersion(show=show, number=1, rows=[frozen(row_of(cue))], published_by_name="Olaf Brandt"))
    made.refs["department"] = "whole"
    stage = Stage(show=show, began_at=now, is_blank=False, screen_token_hash=digest(f"token-{letter}"))
    olaf = cast.accounts["olaf"]
    made.keep("reveal_ref", Reveal(stage=stage, cue=cue, asked_by_id=olaf.id, asked_by_name=olaf.name))
    award = made.keep(
        "award_ref",
        Award(event=event, title=f"{word} award", citation=f"{word} citation", conferred_on=day, kind="award"),
    )
    made.keep("recipient_ref", Recipient(award=award, person=mei))
    category = made.keep("category_ref", Category(event=event, title=f"{word} category", criteria=f"{word} criteria"))
    made.keep("juror_ref", Juror(category=category, person=cast.people["tom"]))
    nomination = made.keep(
        "nomination_ref",
        Nomination(
            category=category, person=mei, reason=f"{word} merit", state=NominationState.SHORTLISTED, submitted_at=now,
            proposed_by_id=cast.accounts["rita"].id,
        ),
    )  # fmt: skip
    made.keep("merit_ref", NominationEvidence(nomination=nomination, words=f"{word} proof"))
    minutes = made.keep(
        "minutes_ref",
        Minutes(
            event=event, session=session, title=f"{word} minutes", year=3000 + ord(letter), number=1, state=MinutesState.PUBLISHED,
            recorder=cast.people["sara"], recorder_account_id=cast.accounts["sara"].id, published_at=now, approved_at=now,
        ),
    )  # fmt: skip
    marked = f"!decision {word} mark"
    section = Section(origin="a" * 16, position=1, heading=f"{word} part", source=f"{word} minutes text\n\n{marked}")
    version = MinutesVersion(minutes=minutes, number=1, sections=[section], attendance={}, content_hash=digest(word))
    made.keep("version_ref", version)
    minutes.current = version
    db.session.flush()
    words = extracts.read(version, section.clearance)
    signed = {"approved_by": "Li Wei", "approved_position": "", "approved_at": now.isoformat()}
    issued = signing.issue(
        "minutes", title=minutes.title, subject_ref=minutes.ref, edition=1, content=paper.content_of(words, **signed)
    )
    version.extracts = [Extract(clearance=section.clearance, text_hash=words.text_hash, document=issued)]
    version.frozen_at = now
    made.refs |= {"section_ref": section.ref, "key": list_marked(marked)[0].key}
    made.keep(
        "earlier_ref",
        EarlierText(
            minutes_version=version, origin="b" * 16, position=2, clearance=0, source=f"{word} earlier", by_name="Tom"
        ),
    )
    made.keep(
        "note_ref",
        Note(event=event, session=session, entry="e", text=f"{word} note", by_name="Tom", noted_at=now, kind="action"),
    )
    made.keep("decision_ref", Decision(event=event, session=session, number=1, text=f"{word} decision", decided_at=now))
    made.keep(
        "announcement_ref", Announcement(event=event, session=session, text=f"{word} announcement", announced_at=now)
    )
    made.keep("attachment_ref", Attachment(minutes=minutes, title=f"{word} attachment", file=stored, from_number=1))
    made.keep("adoption_ref", Adoption(minutes=minutes, session=session))
    made.keep(
        "override_ref", CheckOverride(minutes_version=version, key=f"empty_section:{word}", reason=word, by_name="Tom")
    )
    made.keep("comment_ref", ReviewComment(minutes=minutes, by_name="Tom", text=f"{word} comment"))
    made.keep(
        "progress_ref",
        Progress(
            account_id=petra.account_id, key=f"{word} work", job="none", title=f"{word} work", language="en", then="/"
        ),
    )
    made.keep("acknowledgement_ref", Acknowledgement(minutes=minutes, person=cast.people["rita"], asked_at=now))
    made.keep(
        "release_ref",
        Release(
            event=event,
            title=f"{word} release",
            body=f"{word} release body",
            state=ReleaseState.PUBLISHED,
            is_public=letter == "p",
        ),
    )
    mail = MailMessage(
        message_id=f"<{letter}@hufu.invalid>", scope=event.ref, kind="test", to_name="Petra", to_address="petra@hufu.example",
        language="en", subject=f"{word} subject", text=f"{word} mail text", due_at=now,
    )  # fmt: skip
    made.keep("mail_ref", mail)
    made.keep(
        "mailing_ref",
        Mailing(
            event=event, subject=f"{word} mailing", text=f"{word} mailing text", audience={"standing": ["confirmed"]},
            by_id=cast.accounts["olaf"].id, by_name="Olaf", sent_to=[], left_out=[],
        ),
    )  # fmt: skip
    made.keep(
        "check_in_ref",
        CheckIn(event=event, point=arrival_of(event), person=petra, at=now, by_name="Dora", means="code"),
    )
    made.keep(
        "signing_sheet_ref",
        SignInSheet(
            event=event, number=1, span=f"{event.starts_on.isoformat()}/am", people=[petra.ref], by_name="Olaf"
        ),
    )
    made.keep("point_ref", Point(event=event, kind="meal", name=f"{word} lunch", position=2))
    made.keep("device_ref", Device(event=event, name=f"{word} phone", expires_at=now + timedelta(days=2)))
    helper = Account(email=f"helper-{letter}@hufu.example", email_key=f"helper-{letter}@hufu.example", name="A helper")
    db.session.add(helper)
    db.session.flush()
    made.keep("grant_ref", RoleGrant(account_id=helper.id, role=Role.SECRETARY, event_id=event.id))
    made.refs["kind"] = "csv"
    made.refs["paper"] = "badge"
    made.keep("run_ref", PrintRun(event=event, kind="badge", wanted=[registration.ref], by_name=f"{word} printer"))
    put(
        "minutes",
        minutes.ref,
        url=f"/events/{event.ref}/minutes/{minutes.ref}",
        title=minutes.title,
        body=version.whole,
        event_id=event.id,
    )
    put(
        "event",
        event.ref,
        url=f"/events/{event.ref}",
        title=event.title,
        body=event.description or "",
        event_id=event.id,
    )
    db.session.flush()
    content = working_content(event)
    event.release_number = 1
    made.keep(
        "release_of_programme_ref",
        ProgrammeRelease(
            event=event, number=1, name=f"{word} release", message=f"{word} message", reason=f"{word} reason", content=content,
            changes={"counts": {"new": 1}, "told": {"new": 1}, "calendar": {}}, digest=digest_of(content), told=1,
        ),
    )  # fmt: skip
    made.refs["number"] = "1"
    return made


def add_questions(made: Scene, registration: Registration, word: str) -> None:
    """A form with what Petra answered, a picture of hers, and what she wants otherwise."""
    event, now = made.event, clock.now()
    asked = [
        {"key": "dinner", "kind": "choice", "label": f"{word} dinner", "choices": [{"key": "vegan", "label": f"{word} vegan"}]},
        {"key": "stop", "kind": "text", "label": f"{word} stop", "show_if": {"question": "dinner", "is": "answered"}},
        {"key": "face", "kind": "photo", "label": f"{word} face"},
        {"key": "eats", "kind": "diet", "label": f"{word} eats"},
    ]  # fmt: skip
    schema = {"sections": [{"key": "all", "title": f"{word} section", "questions": asked}]}
    made.refs |= {"section_key": "all", "question_key": "stop", "way": "up", "form_number": "1"}
    made.keep("form_ref", QuestionForm(event=event, schema=schema, number=1))
    version = made.keep("form_version_ref", FormVersion(event=event, number=1, schema=schema))
    picture = files.store(f"{word} picture".encode(), f"{word}.png", "image/png", actor=SYSTEM)
    kept = made.keep("answer_ref", AnswerFile(registration=registration, key="face", file=picture))
    values = {
        "dinner": "vegan",
        "stop": f"{word} answer",
        "face": kept.ref,
        "eats": {"choices": [], "text": f"{word} diet"},
    }
    made.keep("sheet_ref", AnswerSheet(registration=registration, form=version, values=values, answered_at=now))
    made.keep(
        "change_ref",
        ChangeRequest(
            event=event, registration=registration, form=version, wanted={"stop": [f"{word} answer", f"{word} wish"]},
            reason=f"{word} reason",
        ),
    )  # fmt: skip


def add_directory(world: World) -> None:
    """Records of no event, shared by the scenes."""
    company = db.session.scalar(select(Organization).where(Organization.is_own))
    authority = certificates.authority()
    extra = Person(organization=company, name="Somebody Else", name_key=fold("Somebody Else"))
    extra.positions.append(Position(title="Clerk"))
    department = Department(code="X", name="Department X", organization=company)
    db.session.add_all([extra, department])
    link = AccountLink(
        token_hash=digest("set-password"), purpose="password", expires_at=clock.now() + timedelta(hours=1)
    )
    db.session.add(link)
    reading = Import(
        kind="people",
        file_name="people.csv",
        columns=["Name"],
        mapping={"name": 0},
        rows=[{"row": "2", "0": "New"}],
        by_id=load().accounts["ada"].id,
    )
    db.session.add(reading)
    group = PersonGroup(name="Directors")
    member = GroupMember(group=group, person=extra)
    db.session.add_all([group, member])
    template = MinutesTemplate(
        name="House", outline=[{"key": "opening", "heading": "Opening", "level": None, "source": ""}]
    )
    db.session.add(template)
    pledge_template = PledgeTemplate(name="Order", clauses=[{"text": "We give our word."}], roles=["pledger"])
    db.session.add(pledge_template)
    acting = Assistantship(principal=extra, assistant=load().people["tom"])
    db.session.add_all([acting, Invitation(event=world.a.event, person=extra, sent_at=clock.now())])
    extra.has_assistants = True
    db.session.flush()
    for each in (world.a, world.b, world.p):
        each.refs |= {"person_ref": extra.ref, "department_ref": department.ref, "position_ref": extra.positions[0].ref}
        each.refs["import_ref"] = reading.ref
        each.refs |= {"saved_group_ref": group.ref, "saved_member_ref": member.ref}
        each.refs["assistantship_ref"] = acting.ref
        each.refs["template_ref"] = template.ref
        each.refs["pledge_template_ref"] = pledge_template.ref
        each.refs["certificate_ref"] = authority.seal.ref
        each.refs["account_ref"] = load().accounts["xaver"].ref
