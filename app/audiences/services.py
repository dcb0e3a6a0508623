"""What can be done with lists of people: lines of an event's list, and the saved groups."""

from collections.abc import Collection, Iterable

from app.audiences import policy, queries
from app.audiences.errors import GroupRefused, LineRefused
from app.audiences.meanings import Meaning
from app.audiences.models import GroupMember, InviteeRule, PersonGroup
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Event, Status
from app.people.models import Person

MOST_LINES = 200

# --- an event's list ----------------------------------------------------------------------------------------------


def add_line(event: Event, meaning: Meaning, *, actor: Actor) -> InviteeRule:
    """Put a line on the event's list. Nobody is asked by that."""
    require(policy.may_choose(actor, event))
    [rule] = add_lines(event, [meaning], actor=actor)
    return rule


def add_lines(event: Event, meanings: Collection[Meaning], *, actor: Actor) -> list[InviteeRule]:
    """Put several lines on the event's list; what stands there already is refused."""
    require(policy.may_choose(actor, event))
    check_can_choose(event)
    there = [(each.kind, each.value) for each in queries.list_rules(event)]
    if len(there) + len(meanings) > MOST_LINES:
        raise LineRefused(_("A list has at most %(most)d lines. Use a saved group or a table.", most=MOST_LINES))
    added = []
    for meaning in meanings:
        if (meaning.kind, meaning.value) in there:
            raise LineRefused(_("“%(line)s” stands on the list already.", line=meaning.said))
        rule = InviteeRule(
            event_id=event.id, kind=meaning.kind, value=meaning.value, said=meaning.said, said_local=meaning.said_local
        )
        db.session.add(rule)
        added.append(rule)
    db.session.flush()
    for rule in added:
        audit.record(actor, "invitees.line_added", rule, scope=event, kind=rule.kind)
    return added


def remove_line(rule: InviteeRule, *, actor: Actor) -> None:
    """Take a line off the list. Who was invited through it stays invited."""
    require(policy.may_choose(actor, rule.event))
    audit.record(actor, "invitees.line_removed", rule, kind=rule.kind, was_sent=rule.sent_at is not None)
    db.session.delete(rule)


def freeze(rules: Iterable[InviteeRule], members: Iterable[Collection[str]]) -> None:
    """Remember whom these lines meant when their mails were written: who joins later is new."""
    now = clock.now()
    for rule, refs in zip(rules, members, strict=True):
        edit(rule, version=None, sent_at=now, members=sorted(refs))


def check_can_choose(event: Event) -> None:
    """Refuses where nobody can be invited any more."""
    if event.status == Status.CANCELLED:
        raise LineRefused(_("The event is cancelled."))
    if event.has_ended_at(clock.now()):
        raise LineRefused(_("The event is over."))


# --- saved groups -------------------------------------------------------------------------------------------------


def add_group(name: str, *, actor: Actor, name_local: str | None = None, note: str | None = None) -> PersonGroup:
    require(policy.may_keep_groups(actor))
    _check_name(name, None)
    group = PersonGroup(name=name, name_local=name_local, note=note)
    db.session.add(group)
    db.session.flush()
    audit.record(actor, "group.added", group)
    return group


def change_group(
    group: PersonGroup, *, actor: Actor, version: int | None, name: str, name_local: str | None, note: str | None
) -> None:
    require(policy.may_keep_groups(actor))
    _check_name(name, group)
    changes = edit(group, version=version, name=name, name_local=name_local, note=note)
    if changes:
        audit.record(actor, "group.changed", group, changes=changes)


def remove_group(group: PersonGroup, *, actor: Actor) -> None:
    """Delete a group that no list still needs. What was sent keeps whom it meant."""
    require(policy.may_keep_groups(actor))
    now = clock.now()
    needed = [
        line for line in queries.list_lines_of_group(group) if line.sent_at is None and not line.event.has_ended_at(now)
    ]
    if needed:
        raise GroupRefused(
            _("The invitee list of “%(event)s” names this group. Take it off there first.", event=needed[0].event.label)
        )
    audit.record(actor, "group.removed", group)
    db.session.delete(group)


def add_members(group: PersonGroup, people: Collection[Person], *, actor: Actor) -> int:
    """Put people into a group; who is in it already stays. How many were new."""
    require(policy.may_keep_groups(actor))
    if not people:
        raise GroupRefused(_("Please choose somebody."))
    there = {each.person_id for each in queries.list_members(group)}
    fresh = [each for each in {person.id: person for person in people}.values() if each.id not in there]
    db.session.add_all([GroupMember(group_id=group.id, person_id=each.id) for each in fresh])
    if fresh:
        group.version += 1
        audit.record(actor, "group.filled", group, people=[each.ref for each in fresh])
    return len(fresh)


def remove_member(member: GroupMember, *, actor: Actor) -> None:
    require(policy.may_keep_groups(actor))
    member.group.version += 1
    audit.record(actor, "group.member_removed", member.group, person=member.person)
    db.session.delete(member)


def _check_name(name: str, group: PersonGroup | None) -> None:
    other = queries.find_group_named(name)
    if other is not None and other is not group:
        raise GroupRefused(_("There is a group of this name already."), field="name")
