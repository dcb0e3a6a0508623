"""Choosing whom an event invites, line by line; and the saved groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from app.audiences import lists, meanings, policy, queries, services
from app.audiences.choosing import LEFT_OUT_HEADS, LEFT_OUT_LABELS
from app.audiences.errors import LineRefused
from app.audiences.forms import GroupForm, LineForm, ListForm, RemoveLineForm, SendForm
from app.audiences.lists import FIT_LABELS, ReadList
from app.audiences.meanings import Meaning
from app.audiences.models import RULE_LABELS, InviteeRule, PersonGroup, RuleKind
from app.core import clock
from app.core.errors import Refused, require
from app.core.forms import filled, press
from app.core.i18n import _, force_locale, in_language, ngettext
from app.core.paging import Page, asked_page
from app.core.text import one_line
from app.events.models import Event
from app.events.pages import open_event
from app.invitations import invitees
from app.invitations.invitees import Invitee, InviteeList
from app.people import queries as directory
from app.people.models import Person
from app.people.queries import PeopleFilter
from app.registration.queries import find_people
from app.sheets.answers import sheet_answer
from app.sheets.errors import SheetRefused
from app.sheets.reading import read_table

blueprint = Blueprint("audiences", __name__)

MOST_HITS = 50


def open_list(event_ref: str) -> Event:
    """The event whose list this is; for those who may change it."""
    event = open_event(event_ref)
    require(policy.may_choose(current_user, event))
    return event


def find_line(event: Event, ref: str) -> InviteeRule:
    return queries.find_rule(event, ref) or abort(404)


def whole_list(event: Event) -> str:
    return url_for("invitations.invite", event_ref=event.ref)


# --- everybody on the list ----------------------------------------------------------------------------------------

WILL_BE_ASKED, NEW = "asked", "new"  # beside the reasons for which somebody is left out


@blueprint.route("/events/<ref:event_ref>/invitees")
def list_invitees(event_ref: str) -> ResponseReturnValue:
    event = open_list(event_ref)
    whole = invitees.invitee_list(event)
    found = asked_invitees(whole)
    number, per_page = asked_page(request.args)
    number = min(number, max(1, -(-len(found) // per_page)))
    line = asked_line(whole)
    return render_template(
        "audiences/invitees.html",
        event=event, whole=whole, line=line, standing=request.args.get("standing", ""),
        invitees=Page(found[(number - 1) * per_page : number * per_page], number, per_page, len(found)),
        labels=LEFT_OUT_LABELS, heads=LEFT_OUT_HEADS, left_out=whole.left_out(line.meant if line else None),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/invitees.<any(csv,xlsx):kind>")
def export_invitees(event_ref: str, kind: str) -> ResponseReturnValue:
    event = open_list(event_ref)
    whole = invitees.invitee_list(event)
    columns = [
        _("Name"),
        _("Chinese name"),
        _("Department"),
        _("E-mail address"),
        _("On the list through"),
        _("Standing"),
    ]
    rows = [
        [each.name, each.name_local, each.department, each.email,
         ", ".join(line.rule.said for line in whole.lines_of(each)), standing_of(whole, each)]
        for each in asked_invitees(whole)
    ]  # fmt: skip
    return sheet_answer(kind, columns, rows, title=_("Invitees"), name="invitees")


def asked_line(whole: InviteeList) -> Any:
    return next((each for each in whole.lines if each.rule.ref == request.args.get("line")), None)


def asked_invitees(whole: InviteeList) -> list[Invitee]:
    """Those whom the address of the page asks for: of one line, of one standing, or all."""
    line, standing = asked_line(whole), request.args.get("standing", "")
    found = [each for each in whole.people.values() if line is None or each.id in line.meant]
    if standing == NEW:
        late = line.late if line is not None else {each.id for each in whole.late}
        return [each for each in found if each.id in late]
    if standing == WILL_BE_ASKED:
        waiting = {each.id for each in whole.waiting}
        return [each for each in found if each.id in waiting]
    if standing in LEFT_OUT_LABELS:
        return [each for each in found if whole.why.get(each.id) == standing]
    return found


def standing_of(whole: InviteeList, person: Invitee) -> str:
    why = whole.why.get(person.id)
    return str(LEFT_OUT_LABELS[why]) if why is not None else _("not invited yet")


# --- lines --------------------------------------------------------------------------------------------------------


@dataclass
class Asked:
    """What the chooser of one kind of line offers, and what was chosen."""

    choices: Sequence[tuple[str, str]] = ()
    chosen: str = ""
    meaning: Meaning | None = None
    hits: Sequence[Person] = ()


@blueprint.route("/events/<ref:event_ref>/invitees/lines/new", methods=["GET", "POST"])
def add_line(event_ref: str) -> ResponseReturnValue:
    """Choose by the address, see what the line would add, then add it."""
    event = open_list(event_ref)
    kind = request.args.get("kind", RuleKind.DEPARTMENT)
    if kind not in RULE_LABELS or kind == RuleKind.LIST:
        abort(404)
    asked = CHOOSERS[RuleKind(kind)](event)
    form = LineForm()
    if form.validate_on_submit():
        chosen = chosen_meanings(asked)
        answer = form.attempt(
            lambda: add_chosen(event, chosen), whole_list(event), lambda lines: told_added(len(lines))
        )
        if answer is not None:
            return answer
    effect = known = None
    if asked.meaning is not None:
        effect = invitees.effect_of(event, asked.meaning)
    elif asked.hits:
        known = invitees.effect_of(event, *map(meanings.of_person, asked.hits))
    return render_template(
        "audiences/add_line.html",
        event=event, form=form, kind=kind, kinds=RULE_LABELS, asked=asked, effect=effect, labels=LEFT_OUT_LABELS, heads=LEFT_OUT_HEADS,
        known={each.ref: each for each in known.meant} if known else {}, why=known.why if known else {},
        new={each.ref for each in known.new} if known else set(),
    ), form.status  # fmt: skip


def add_chosen(event: Event, chosen: Sequence[Meaning]) -> list[InviteeRule]:
    if not chosen:
        raise LineRefused(_("Please choose first whom you mean."))
    return services.add_lines(event, chosen, actor=current_user)


def told_added(number: int) -> str:
    return ngettext(
        "The line is on the list. Nobody is asked before you send.",
        "%(num)d lines are on the list. Nobody is asked before you send.",
        number,
    )


def chosen_meanings(asked: Asked) -> list[Meaning]:
    if asked.meaning is not None:
        return [asked.meaning]
    return [meanings.of_person(each) for each in find_people(request.form.getlist("person"))]


def choose_person(_event: Event) -> Asked:
    words = one_line(request.args.get("q", ""))[:100]
    if not words:
        return Asked()
    found = directory.list_people(PeopleFilter(words=words), page=1, per_page=MOST_HITS)
    return Asked(chosen=words, hits=found.rows)


def choose_department(_event: Event) -> Asked:
    departments = {each.ref: each for each in directory.list_choosable_departments()}
    chosen = departments.get(request.args.get("choice", ""))
    below = request.args.get("below", "1") != "0"
    return Asked(
        [(ref, each.display_name) for ref, each in departments.items()],
        chosen.ref if chosen else "",
        meanings.of_department(chosen, below=below) if chosen else None,
    )


def choose_position(event: Event) -> Asked:
    titles = queries.list_titles(event.starts_on)
    chosen = next((each for each in titles if each[0] == request.args.get("choice")), None)
    labels = [(title, in_language(local, title)) for title, local, _number in titles]
    return Asked(labels, chosen[0] if chosen else "", meanings.of_position(chosen[0], chosen[1]) if chosen else None)


def choose_team(_event: Event) -> Asked:
    return among(directory.list_choosable_teams(), meanings.of_team)


def choose_group(_event: Event) -> Asked:
    return among(queries.list_groups(), meanings.of_group)


def among(records: Sequence[Any], meaning: Any) -> Asked:
    found = {each.ref: each for each in records}
    chosen = found.get(request.args.get("choice", ""))
    return Asked(
        [(ref, each.display_name) for ref, each in found.items()],
        chosen.ref if chosen else "",
        meaning(chosen) if chosen else None,
    )


CHOOSERS = {
    RuleKind.PERSON: choose_person,
    RuleKind.DEPARTMENT: choose_department,
    RuleKind.POSITION: choose_position,
    RuleKind.TEAM: choose_team,
    RuleKind.GROUP: choose_group,
}


@blueprint.route("/events/<ref:event_ref>/invitees/lines/<ref:invitee_rule_ref>/removal", methods=["GET", "POST"])
def remove_line(event_ref: str, invitee_rule_ref: str) -> ResponseReturnValue:
    """What would go with the line, and what stays; then take it off."""
    event = open_list(event_ref)
    rule = find_line(event, invitee_rule_ref)
    form = RemoveLineForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.remove_line(rule, actor=current_user),
            whole_list(event),
            _("“%(line)s” is off the list. Nobody's invitation was taken back.", line=rule.display_name),
        )
        if answer is not None:
            return answer
    effect = invitees.effect_of(event, without=rule)
    return render_template(
        "audiences/remove_line.html", event=event, form=form, rule=rule, effect=effect, kinds=RULE_LABELS
    ), form.status


# --- pasted and uploaded lists ------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/invitees/lists/new", methods=["GET", "POST"])
def add_list(event_ref: str) -> ResponseReturnValue:
    """Paste or upload, see line by line whom it means, then put those who were found onto the list."""
    event = open_list(event_ref)
    form = ListForm()
    read = read_form(form, on=event.starts_on)
    if read is not None and wants_it_done(form, read):
        answer = form.attempt(
            lambda: services.add_line(event, meaning_of(form, read), actor=current_user),
            whole_list(event),
            ngettext(
                "One person is on the list. Nobody is asked before you send.",
                "%(num)d people are on the list. Nobody is asked before you send.",
                len(read.people),
            ),
        )
        if answer is not None:
            return answer
    effect = invitees.effect_of(event, meaning_of(form, read)) if read is not None and read.people else None
    return render_template(
        "audiences/add_list.html",
        event=event, form=form, read=read, effect=effect, fits=FIT_LABELS, heads=LEFT_OUT_HEADS,
    ), form.status  # fmt: skip


def read_form(form: ListForm, *, on: Any) -> ReadList | None:
    """Whom the text of the form means. A table becomes text first, so that it can be mended where it stands."""
    if not form.validate_on_submit():
        return None
    try:
        take_file(form)
        if not form.text.data:
            raise Refused(_("Please paste a list, or choose a file."), field="text")
        return lists.read_list(form.text.data, on=on)
    except SheetRefused as refusal:
        form.refuse(Refused(refusal.sentence, field="file"))
    except Refused as refusal:
        form.refuse(refusal)
    return None


def take_file(form: ListForm) -> None:
    file: FileStorage | None = form.file.data
    if not isinstance(file, FileStorage) or not file.filename:
        return
    text = lists.text_of(read_table(file.filename, file.read()))
    form.text.data = f"{form.text.data}\n{text}" if form.text.data else text
    form.name.data = form.name.data or one_line(file.filename)[:200]
    form.seen.data = ""


def wants_it_done(form: ListForm, read: ReadList) -> bool:
    """Whether the button was the one that adds, under the very list that was shown. Remembers what is shown now."""
    shown, form.seen.data = form.seen.data, read.digest
    if request.form.get("act") != "add" or not read.people:
        return False
    if shown != read.digest:
        form.refuse(Refused(_("The list means others than what you looked at. Look at it again, then add it.")))
        return False
    return True


def meaning_of(form: ListForm, read: ReadList) -> Meaning:
    if form.name.data:
        return meanings.of_list(form.name.data, read.people)
    told = {}
    for language in ("en", "zh_Hans_CN"):
        with force_locale(language):
            told[language] = _("Pasted list")
    return meanings.of_list(told["en"], read.people, told["zh_Hans_CN"])


# --- sending ------------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/invitees/sending", methods=["GET", "POST"])
def send(event_ref: str) -> ResponseReturnValue:
    """Who gets which mail, who gets none and why; then send. Of a sent line those who joined since."""
    event = open_list(event_ref)
    rule = find_line(event, request.args["line"]) if request.args.get("line") else None
    form = SendForm()
    if form.validate_on_submit() and request.form.get("act") != "look":
        answer = form.attempt(
            lambda: invitees.send(
                event, actor=current_user, rule=rule, seen=form.seen.data or "", message=form.message.data
            ),
            url_for("invitations.list_invitations", event_ref=event.ref),
            lambda sent: _("Invitations sent: %(number)d.", number=len(sent)),
        )
        if answer is not None:
            return answer
    sending = invitees.look(event, rule)
    form.seen.data = sending.digest
    people = [each for each, _via in sending.receivers]
    shown = next((each for each in people if each.ref == form.preview_for.data), people[0] if people else None)
    return render_template(
        "audiences/send.html",
        event=event, form=form, sending=sending, rule=rule, shown=shown, heads=LEFT_OUT_HEADS, not_yet=invitees.why_not_yet(event),
        mail=invitees.preview(event, shown, form.message.data) if shown else None,
    ), form.status  # fmt: skip


# --- saved groups -------------------------------------------------------------------------------------------------


def open_group(ref: str) -> PersonGroup:
    require(policy.may_see_groups(current_user))
    return queries.find_group(ref) or abort(404)


@blueprint.route("/groups")
def list_groups() -> ResponseReturnValue:
    require(policy.may_see_groups(current_user))
    return render_template(
        "audiences/groups.html",
        groups=queries.list_groups(), sizes=queries.count_members(), may_keep=policy.may_keep_groups(current_user),
    )  # fmt: skip


@blueprint.route("/groups/new", methods=["GET", "POST"])
def add_group() -> ResponseReturnValue:
    require(policy.may_keep_groups(current_user))
    form = GroupForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_group(actor=current_user, **form.values()),
            lambda group: url_for("audiences.fill_group", saved_group_ref=group.ref),
            _("The group is there. Put people into it."),
        )
        if answer is not None:
            return answer
    return render_template("audiences/group_form.html", form=form, group=None), form.status


@blueprint.route("/groups/<ref:saved_group_ref>")
def show_group(saved_group_ref: str) -> ResponseReturnValue:
    group = open_group(saved_group_ref)
    return render_template(
        "audiences/group.html",
        group=group, members=queries.list_members(group), today=clock.today(),
        may_keep=policy.may_keep_groups(current_user),
    )  # fmt: skip


@blueprint.route("/groups/<ref:saved_group_ref>/edit", methods=["GET", "POST"])
def edit_group(saved_group_ref: str) -> ResponseReturnValue:
    group = open_group(saved_group_ref)
    require(policy.may_keep_groups(current_user))
    form = GroupForm(obj=group)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_group(group, actor=current_user, version=form.opened_version, **form.values()),
            url_for("audiences.show_group", saved_group_ref=group.ref),
            _("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("audiences/group_form.html", form=form, group=group), form.status


@blueprint.route("/groups/<ref:saved_group_ref>/removal", methods=["POST"])
def remove_group(saved_group_ref: str) -> ResponseReturnValue:
    group = open_group(saved_group_ref)
    require(policy.may_keep_groups(current_user))
    return press(
        lambda: services.remove_group(group, actor=current_user),
        url_for("audiences.list_groups"),
        _("The group is gone. Lists that were sent keep whom they meant."),
        refused=url_for("audiences.show_group", saved_group_ref=group.ref),
    )


@blueprint.route("/groups/<ref:saved_group_ref>/members/new", methods=["GET", "POST"])
def fill_group(saved_group_ref: str) -> ResponseReturnValue:
    """Paste or upload people, see whom the list means, then put them into the group."""
    group = open_group(saved_group_ref)
    require(policy.may_keep_groups(current_user))
    form = ListForm()
    read = read_form(form, on=clock.today())
    if read is not None and wants_it_done(form, read):
        answer = form.attempt(
            lambda: services.add_members(group, filled(read).people, actor=current_user),
            url_for("audiences.show_group", saved_group_ref=group.ref),
            lambda number: ngettext("One person is new in the group.", "%(num)d people are new in the group.", number),
        )
        if answer is not None:
            return answer
    return render_template("audiences/fill_group.html", group=group, form=form, read=read, fits=FIT_LABELS), form.status


@blueprint.route("/groups/<ref:saved_group_ref>/members/<ref:saved_member_ref>/removal", methods=["POST"])
def remove_member(saved_group_ref: str, saved_member_ref: str) -> ResponseReturnValue:
    group = open_group(saved_group_ref)
    require(policy.may_keep_groups(current_user))
    member = queries.find_member(group, saved_member_ref) or abort(404)
    return press(
        lambda: services.remove_member(member, actor=current_user),
        url_for("audiences.show_group", saved_group_ref=group.ref),
        _("%(name)s is out of the group.", name=member.person.display_name),
    )
