"""What can be done with releases: drafted, written, published, withdrawn."""

from datetime import date
from typing import Any

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.documents.markdown import plain_text
from app.events.models import Event
from app.publications import policy
from app.publications.errors import NotForThePublic, NothingWritten, ReasonMissing, WrongState
from app.publications.models import ClosingPassage, Release, ReleaseState
from app.search import services as search


def draft_release(
    event: Event, *, actor: Actor, title: str, title_local: str | None = None, released_on: date | None = None,
    body: str | None = None, body_local: str | None = None, is_public: bool = False, summary: str | None = None,
    summary_local: str | None = None,
) -> Release:  # fmt: skip
    """Begin a release. `body` is Markdown, None when the text is withheld; then `summary` tells in our words."""
    require(policy.may_write(actor, event))
    _check_audience(event, is_public)
    release = Release(
        event=event, title=title, title_local=title_local, released_on=released_on, body=body, body_local=body_local,
        is_public=is_public, summary=summary, summary_local=summary_local,
    )  # fmt: skip
    db.session.add(release)
    db.session.flush()
    audit.record(actor, "release.drafted", release, public=is_public)
    return release


def write_release(release: Release, *, actor: Actor, version: int | None = None, **values: Any) -> None:
    """Change a draft, or put a published release right. Whether it is public is settled at publication."""
    require(policy.may_write(actor, release.event))
    if release.state != ReleaseState.DRAFT:
        require(policy.may_publish(actor, release.event))
    _lock(release)
    if release.state == ReleaseState.WITHDRAWN:
        raise WrongState(_("This release was withdrawn and stays as it is."))
    if release.state == ReleaseState.PUBLISHED:
        values.pop("is_public", None)
    else:
        _check_audience(release.event, values.get("is_public", release.is_public))
    changes = edit(release, version=version, **values)
    if not changes:
        return
    if release.state == ReleaseState.PUBLISHED:
        _check_content(release)
        _index(release)
    audit.record(actor, "release.written", release, fields=sorted(changes))


def add_closing(
    release: Release, *, actor: Actor, verbatim: str | None = None, summary: str | None = None,
    summary_local: str | None = None, span: tuple[int, int] | None = None, kind: str = "exhortation",
    position: int | None = None,
) -> ClosingPassage:  # fmt: skip
    """Add a closing passage. Where `verbatim` is withheld, `span` says which characters of the source it means."""
    require(policy.may_write(actor, release.event))
    passage = ClosingPassage(
        release=release, position=position or len(release.closing) + 1, kind=kind, verbatim=verbatim, summary=summary,
        summary_local=summary_local, span_start=span[0] if span else None, span_end=span[1] if span else None,
    )  # fmt: skip
    db.session.add(passage)
    db.session.flush()
    audit.record(actor, "release.closing_added", passage, scope=release.event, position=passage.position)
    return passage


def publish_release(release: Release, *, actor: Actor) -> None:
    """Let it be read: by everybody without signing in when it is public, else by those who may see the event."""
    require(policy.may_publish(actor, release.event))
    _lock(release)
    if release.state != ReleaseState.DRAFT:
        raise WrongState(_("Only a draft can be published."))
    _check_audience(release.event, release.is_public)
    _check_content(release)
    now = clock.now()
    release.state, release.published_at = ReleaseState.PUBLISHED, now
    release.released_on = release.released_on or release.event.day_at(now)
    release.version += 1
    _index(release)
    audit.record(actor, "release.published", release, public=release.is_public)


def withdraw_release(release: Release, *, actor: Actor, reason: str) -> None:
    """Take a release back. Its page stays, without the text, and gives the reason."""
    require(policy.may_publish(actor, release.event))
    _lock(release)
    if release.state == ReleaseState.WITHDRAWN:
        raise WrongState(_("This release was withdrawn already."))
    if not reason.strip():
        raise ReasonMissing(_("Give the reason; it stands on the page that remains."), field="reason")
    release.state, release.withdrawn_reason = ReleaseState.WITHDRAWN, reason
    release.version += 1
    search.drop("release", release.ref)
    audit.record(actor, "release.withdrawn", release, reason=reason)


def _lock(release: Release) -> None:
    db.session.refresh(release, with_for_update=True)


def _check_audience(event: Event, is_public: bool) -> None:
    if is_public and not policy.may_be_public(event):
        raise NotForThePublic(
            _("This gathering is restricted or not published, so that its releases can only be internal."),
            field="is_public",
        )


def _check_content(release: Release) -> None:
    if not any((release.body, release.body_local, release.summary, release.summary_local)):
        raise NothingWritten(_("There is no text to publish yet."), field="body")


def _index(release: Release) -> None:
    """Found in both languages by those who may see the event."""
    texts = [
        release.title,
        release.title_local or "",
        plain_text(release.body or ""),
        plain_text(release.body_local or ""),
    ]
    texts += [release.summary or "", release.summary_local or ""]
    search.put(
        "release",
        release.ref,
        url=f"/events/{release.event.ref}/publications/{release.ref}",
        title=release.title,
        body="\n".join(text for text in texts if text),
        event_id=release.event_id,
        on=release.released_on,
    )
