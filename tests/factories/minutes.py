"""Minutes and releases in each state, made through their acts."""

from typing import Any

from app.accounts.models import Account
from app.minutes import checks, services
from app.minutes.models import Minutes
from app.programme.models import Session
from app.publications import services as releases
from app.publications.models import Release
from tests.cast import Cast
from tests.factories import make_event, make_session


def make_draft(
    cast: Cast, *, session: Session | None = None, text: str = "Nothing was left out.", **values: Any
) -> Minutes:
    """A draft by Sara the secretary."""
    session = session or make_session(make_event())
    attendance = {"present": ["Li Wei"], "excused": [], "in_attendance": ["Sara Novák"]}
    given = {"language": "en", "title": "Minutes of the year", "attendance": attendance, **values}
    return services.draft_minutes(session, actor=cast.sara, text=text, **given)


def make_in_review(cast: Cast, **values: Any) -> Minutes:
    minutes = make_draft(cast, **values)
    put_in_review(cast, minutes)
    return minutes


def put_in_review(cast: Cast, minutes: Minutes) -> None:
    """Sent to review without reviewers, with nothing that stands against the sign-off."""
    services.send_to_review(minutes, actor=cast.sara)
    let_all_stand(cast, minutes)


def let_all_stand(cast: Cast, minutes: Minutes) -> None:
    """Whatever the checks find in so bare a world is no obstacle to the sign-off."""
    keys = [each.key for each in checks.findings(minutes.newest) if each.overridden is None]
    if keys:
        services.let_stand(minutes, actor=cast.sara, keys=keys, reason="A world of few records.")


def make_approved(cast: Cast, **values: Any) -> Minutes:
    """Signed off by Li Wei."""
    minutes = make_in_review(cast, **values)
    services.approve(minutes, actor=cast.li_wei)
    return minutes


def make_published(cast: Cast, *, readers: tuple[str, ...] = (), **values: Any) -> Minutes:
    """Published, and read by nobody yet; `readers` of the cast are asked to confirm."""
    minutes = make_approved(cast, **values)
    people = [cast.people[name] for name in readers]
    services.publish(minutes, actor=cast.sara, participants=False, people=people)
    return minutes


def make_release(actor: Account, event: Any = None, *, publish: bool = True, **values: Any) -> Release:
    given = {"title": "Good news", "body": "All is well.", **values}
    release = releases.draft_release(event or make_event(), actor=actor, **given)
    if publish:
        releases.publish_release(release, actor=actor)
    return release
