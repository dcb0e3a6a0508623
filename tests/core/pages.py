"""A small feature of a few pages for the tests of the forms: making a gathering, and editing it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Blueprint, Flask, render_template_string, request  # noqa: TID251 - two pages of a test
from flask_login import current_user
from flask_wtf.file import FileField
from wtforms import PasswordField, SelectField

from app.core import audit
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.forms import DayField, HufuForm, LineField, TextField, WallTimeField, options, press
from app.core.guards import public
from app.events.models import AUDIENCE_LABELS, Event
from app.mail.services import Recipient, queue_mail
from tests.factories import make_event

PAGE = """
{% extends "layouts/base.html" %}{% from "components/forms.html" import field, form_close, form_errors, form_open, submit %}
{% block main %}{{ form_open(form) }}{{ form_errors(form) }}{% for f in form if f.widget.input_type != "hidden" %}{{ field(f) }}
{% endfor %}{{ submit("Save") }}{{ form_close() }}{% endblock %}
"""


class ThingForm(HufuForm):
    title = LineField("Title", required=True, most=60)
    city = LineField("City", most=60)
    description = TextField("Description")
    starts_on = DayField("First day", required=True)
    audience = SelectField("Audience", choices=options(AUDIENCE_LABELS, nothing="–"), default="internal")
    begins = WallTimeField("Begins")
    password = PasswordField("Password")
    paper = FileField("Paper")


blueprint = Blueprint("things", __name__)


@blueprint.route("/things/new", methods=["GET", "POST"])
def new():
    form = ThingForm()

    def act() -> Event:
        require(current_user.name != "Xaver Huber")
        if form.title.data == "refused":
            raise Refused("This title is taken.", field="title")
        if form.title.data == "no":
            raise Refused("Not today.")
        moment = form.begins.moment("Europe/Berlin")
        event = make_event(
            title=form.title.data, city=form.city.data, description=form.description.data, starts_on=form.starts_on.data,
            audience=form.audience.data, published_at=moment,
        )  # fmt: skip
        audit.record(current_user, "thing.made", event)
        queue_mail(Recipient("Petra", "petra@hufu.example"), "accounts/mail/password_changed", kind="thing")
        return event

    if form.validate_on_submit():
        answer = form.attempt(act, then=lambda event: f"/things/{event.ref}", said=lambda event: f"made {event.title}")
        if answer is not None:
            return answer
    return render_template_string(PAGE, form=form), form.status


@blueprint.route("/things/<ref:ref>/edit", methods=["GET", "POST"])
def change(ref: str):
    event = db.session.query(Event).filter_by(ref=ref).one()
    form = ThingForm(obj=event)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: edit(event, version=form.opened_version, **form.values("begins", "password", "paper")),
            then=f"/things/{ref}",
        )
        if answer is not None:
            return answer
    return render_template_string(PAGE, form=form), form.status


@blueprint.route("/things/<ref:ref>/press", methods=["POST"])
def button(ref: str):
    event = db.session.query(Event).filter_by(ref=ref).one()

    def act() -> None:
        if event.city == "closed":
            raise Refused("It is closed.")
        event.city = f"{event.city}+"

    return press(act, f"/things/{ref}", "Pressed.")


@blueprint.route("/things/<ref:ref>")
def show(ref: str):
    return render_template_string('{% extends "layouts/base.html" %}{% block main %}<p>shown</p>{% endblock %}')


@blueprint.route("/things/broken")
@public
def broken():
    raise ValueError(request.args["typed"])


@pytest.fixture
def things(ready_folder: Path, tmp_path: Path) -> Iterator[Flask]:
    """The app with these pages, on a fresh copy of the ready database; it waits half a second for its turn."""
    import shutil
    from dataclasses import replace

    from app.web import create_app
    from tests.conftest import settings_for

    folder = tmp_path / "things"
    shutil.copytree(ready_folder, folder)
    made = create_app(replace(settings_for(folder), lock_wait=0.5))
    made.config.update(TESTING=True)
    made.register_blueprint(blueprint)
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()
