"""What can be done with releases, and what is refused."""

import pytest

from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Stale
from app.events.models import Audience, Status
from app.publications import services
from app.publications.errors import NotForThePublic, NothingWritten, ReasonMissing, WrongState
from app.publications.models import Release, ReleaseState
from app.search.models import SearchEntry
from tests.factories import make_event
from tests.factories.minutes import make_release


def found(release: Release) -> list[str]:
    return [each.body for each in db.session.query(SearchEntry).filter_by(kind="release", subject_ref=release.ref)]


def test_a_release_is_drafted_published_and_withdrawn(cast) -> None:
    with unit_of_work():
        release = make_release(cast.olaf, publish=False, title_local="好消息", body_local="一切都好。")
    assert (release.state, release.published_at, found(release)) == (ReleaseState.DRAFT, None, [])
    with unit_of_work():
        services.publish_release(release, actor=cast.olaf)
    assert release.state == ReleaseState.PUBLISHED
    assert release.released_on is not None
    assert found(release) == ["Good news\n好消息\nAll is well.\n一切都好。"]
    with unit_of_work():
        services.withdraw_release(release, actor=cast.olaf, reason="It named a customer.")
    assert (release.state, release.withdrawn_reason) == (ReleaseState.WITHDRAWN, "It named a customer.")
    assert found(release) == []


def test_a_release_says_something(cast) -> None:
    with unit_of_work():
        release = make_release(cast.olaf, publish=False, body=None)
    with pytest.raises(NothingWritten), unit_of_work():
        services.publish_release(release, actor=cast.olaf)
    assert release.state == ReleaseState.DRAFT


def test_a_withheld_text_is_published_with_our_summary(cast) -> None:
    with unit_of_work():
        release = make_release(cast.olaf, body=None, summary="A gathering took place.")
        services.add_closing(release, actor=cast.olaf, summary="Onward.", span=(10, 20))
    assert release.state == ReleaseState.PUBLISHED
    assert [(each.position, each.span_start, each.span_end) for each in release.closing] == [(1, 10, 20)]


@pytest.mark.parametrize("name", ["sara", "petra", "sven", "li_wei", "aude", "xaver"])
def test_only_the_organizer_publishes_and_withdraws(cast, name: str) -> None:
    with unit_of_work():
        draft, out = make_release(cast.olaf, publish=False), make_release(cast.olaf)
    actor = getattr(cast, name)
    for act in (
        lambda: services.publish_release(draft, actor=actor),
        lambda: services.withdraw_release(out, actor=actor, reason="x"),
        lambda: services.write_release(out, actor=actor, title="Other news"),
    ):
        with pytest.raises(Forbidden), unit_of_work():
            act()
    assert (draft.state, out.state, out.title) == (ReleaseState.DRAFT, ReleaseState.PUBLISHED, "Good news")


def test_the_secretary_writes_drafts(cast) -> None:
    with unit_of_work():
        release = make_release(cast.sara, publish=False)
        services.write_release(release, actor=cast.sara, title="Better news", version=1)
    assert release.title == "Better news"
    with pytest.raises(Stale), unit_of_work():
        services.write_release(release, actor=cast.olaf, title="Best news", version=1)
    assert release.title == "Better news"


@pytest.mark.parametrize(
    ("audience", "status"), [(Audience.RESTRICTED, Status.PUBLISHED), (Audience.PUBLIC, Status.DRAFT)]
)
def test_a_closed_gathering_tells_nothing_to_the_public(cast, audience, status) -> None:
    with unit_of_work():
        event = make_event(audience=audience, status=status)
    with pytest.raises(NotForThePublic), unit_of_work():
        make_release(cast.olaf, event, is_public=True)
    assert db.session.query(Release).count() == 0


def test_a_gathering_that_was_closed_later_keeps_its_draft_inside(cast) -> None:
    with unit_of_work():
        event = make_event()
        release = make_release(cast.olaf, event, publish=False, is_public=True)
        event.audience = Audience.RESTRICTED
    with pytest.raises(NotForThePublic), unit_of_work():
        services.publish_release(release, actor=cast.olaf)
    assert release.state == ReleaseState.DRAFT


def test_nothing_is_published_or_withdrawn_twice(cast) -> None:
    with unit_of_work():
        release = make_release(cast.olaf)
    with pytest.raises(WrongState), unit_of_work():
        services.publish_release(release, actor=cast.olaf)
    with pytest.raises(ReasonMissing), unit_of_work():
        services.withdraw_release(release, actor=cast.olaf, reason=" ")
    assert release.state == ReleaseState.PUBLISHED
    with unit_of_work():
        services.withdraw_release(release, actor=cast.olaf, reason="A mistake.")
    for act in (
        lambda: services.withdraw_release(release, actor=cast.olaf, reason="Again."),
        lambda: services.publish_release(release, actor=cast.olaf),
        lambda: services.write_release(release, actor=cast.olaf, title="x"),
    ):
        with pytest.raises(WrongState), unit_of_work():
            act()
    assert (release.state, release.withdrawn_reason) == (ReleaseState.WITHDRAWN, "A mistake.")


def test_what_is_put_right_is_found_by_its_new_words(cast) -> None:
    with unit_of_work():
        release = make_release(cast.olaf)
        services.write_release(release, actor=cast.olaf, body="All is very well.", is_public=True)
    assert found(release) == ["Good news\nAll is very well."]
    assert release.is_public is False  # settled at publication
