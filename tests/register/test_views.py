"""Views of the register that somebody keeps: their own, at most fifty, each once."""

import re

import pytest

from app.core.db import unit_of_work
from app.core.errors import Forbidden
from app.core.roles import NOBODY
from app.events.models import Audience
from app.register import queries, services
from app.register.errors import NameTaken, NothingAsked, TooManyViews
from tests.factories import make_event


def save(cast, name: str = "Late", query: str = "is:overdue  owner:me", **more):
    with unit_of_work():
        return services.save_view(actor=more.pop("actor", cast.petra), name=name, query=query, **more)


def test_a_view_is_kept_as_it_was_understood_and_only_its_owner_sees_it(cast):
    view = save(cast)
    assert (view.name, view.query) == ("Late", "is:late owner:me")
    assert [each.ref for each in queries.list_views(cast.petra)] == [view.ref]
    for other in (cast.tom, cast.ada, NOBODY):
        assert queries.list_views(other) == []
        assert queries.find_view(other, view.ref) is None
        with pytest.raises(Forbidden), unit_of_work():
            services.change_view(view, actor=other, name="Mine", query="plan")
        with pytest.raises(Forbidden), unit_of_work():
            services.remove_view(view, actor=other)
    assert save(cast, actor=cast.tom).name == "Late"  # everybody has names of their own


def test_a_name_stands_once_and_an_empty_search_is_no_view(cast):
    view = save(cast)
    with pytest.raises(NameTaken):
        save(cast, query="plan")
    for nothing in ("", "foo:bar", "   "):
        with pytest.raises(NothingAsked):
            save(cast, name="Empty", query=nothing)
    other = save(cast, name="Other")
    with pytest.raises(NameTaken), unit_of_work():
        services.change_view(other, actor=cast.petra, name="Late", query="plan")
    with unit_of_work():
        services.change_view(view, actor=cast.petra, name="Late", query="silent:>30")
    assert view.query == "silent:>30"
    with unit_of_work():
        services.remove_view(view, actor=cast.petra)
    assert [each.name for each in queries.list_views(cast.petra)] == ["Other"]


def test_a_view_of_a_gathering_that_one_may_not_see_any_more_is_not_told(cast):
    with unit_of_work():
        event = make_event()
    view = save(cast, event=event)
    assert [each.ref for each in queries.list_views(cast.petra)] == [view.ref]
    with unit_of_work():
        event.audience = Audience.RESTRICTED
    assert queries.list_views(cast.petra) == []
    assert queries.find_view(cast.petra, view.ref) is None


def test_nobody_keeps_more_than_fifty(cast, monkeypatch):
    monkeypatch.setattr(services, "MOST_VIEWS", 2)
    save(cast, name="One")
    save(cast, name="Two")
    with pytest.raises(TooManyViews, match="2 views already"):
        save(cast, name="Three")
    save(cast, name="One", actor=cast.tom)


def version(page: str) -> str:
    return re.search(r'name="version"[^>]*value="([^"]*)"', page).group(1)


def test_a_view_is_saved_from_the_register_renamed_and_removed_in_the_browser(app, as_):
    with app.app_context(), unit_of_work():
        ref = make_event().ref
    petra, tom = as_("petra"), as_("tom")
    register = petra.get(f"/events/{ref}/requirements?q=is:late").get_data(as_text=True)
    address = re.search(r'href="(/my/views/new[^"]+)"', register).group(1).replace("&amp;", "&")
    assert 'value="is:late"' in petra.get(address).get_data(as_text=True)
    answer = petra.post(address, {"name": "", "query": "is:late", "event_ref": ref})
    assert answer.status_code == 422
    answer = petra.post(address, {"name": "What is late", "query": "is:late", "event_ref": ref})
    assert (answer.status_code, answer.location) == (303, f"/events/{ref}/requirements?q=is:late")
    assert petra.post(address, {"name": "What is late", "query": "plan", "event_ref": ref}).status_code == 422
    assert "What is late" in petra.get(answer.location).get_data(as_text=True)
    assert petra.post("/my/views/new", {"name": "x", "query": "plan", "event_ref": "0" * 16}).status_code == 404
    listed = petra.get("/my/views").get_data(as_text=True)
    own = re.search(r"/my/views/[0-9a-z]{16}", listed).group()
    edit = petra.get(f"{own}/edit").get_data(as_text=True)
    values = {"name": "Everything late", "query": "is:late", "version": version(edit)}
    assert petra.post(f"{own}/edit", values).status_code == 303
    stale = petra.post(f"{own}/edit", {**values, "name": "Another"})
    assert stale.status_code == 409
    assert "Everything late" in stale.get_data(as_text=True)
    for path in (f"{own}/edit", f"{own}/removal"):
        assert tom.post(path, values).status_code == 404
    assert petra.post(f"{own}/removal").status_code == 303
    assert "No view is saved" in petra.get("/my/views").get_data(as_text=True)
