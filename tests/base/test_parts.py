"""The parts every page is built from: what they draw, that the content policy lets it pass, and that it can be read."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, render_template
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import StrictUndefined
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    FieldList,
    FileField,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from app.core import i18n
from app.core.rendering import print_parts
from app.home.places import Addresses, Place

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
COMPONENTS = TEMPLATES / "components"
SHEET = ROOT / "static" / "base" / "hufu.css"
SPRITE = ROOT / "static" / "base" / "icons.svg"
FRAME = ("layouts", "components", "errors")


class Bare(FlaskForm):
    class Meta:
        csrf = False

    room = StringField("Room")


class SessionForm(FlaskForm):
    refusal = None
    theirs: dict[str, str] = {}
    intent = HiddenField()
    title = StringField("Title", [InputRequired("Give it a title.")], description="As printed.")
    kind = SelectField("Kind", choices=["Operation", "Strategy"])
    day = DateField("Day")
    begins = DateTimeLocalField("Begins")
    access = RadioField("Who may read it", choices=[SelectChoice("team", "The team"), SelectChoice("all", "Everybody")])
    teams = SelectMultipleField(
        "Teams",
        choices=["Blue Kiln", "Long Haul"],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    text = TextAreaField("Text")
    paper = FileField("Paper")
    mailed = BooleanField("Send it now")
    rooms = FieldList(StringField("Room"), min_entries=2)
    place = FormField(Bare, "Place")


def person(name: str) -> SimpleNamespace:
    return SimpleNamespace(display_name=name, name=name, initials=name[:1], is_authenticated=True)


@pytest.fixture
def pages() -> Iterator[Flask]:
    """The templates alone, with what the frame reads and nothing behind it."""
    app = Flask("parts", template_folder=str(TEMPLATES), static_folder=str(ROOT / "static"))
    app.jinja_env.undefined = StrictUndefined
    app.config.update(SECRET_KEY="parts")
    CSRFProtect(app)
    i18n.init_app(app)
    app.jinja_env.globals.update(
        new_intent=lambda: "intent-1",
        url_with=lambda **changed: "/list?" + "&".join(f"{k}={v}" for k, v in changed.items() if v is not None),
    )
    print_parts(app)
    place = Place("Speeches", "/s", "home", count=6, current=True)

    @app.context_processor
    def frame() -> dict[str, object]:
        return {
            "current_user": person("Petra Lindqvist"),
            "current_event": SimpleNamespace(display_title="Review <i>2026</i>", ref="e1", is_rehearsal=False),
            "top_places": (place,), "event_places": (place,), "dock_places": (place,),
            "nav": Addresses(**{each.name: f"/{each.name.removesuffix('_url')}" for each in fields(Addresses)}),
            "theme": "dark", "demo_banner": True,
        }  # fmt: skip

    with app.test_request_context("/list?sort=name"):
        yield app


def gallery(form: FlaskForm) -> str:
    return render_template(
        "components/gallery.html",
        form=form,
        people=[person(name) for name in ("Chen <b>Yu</b>", "Ana", "Tom")],
        page=SimpleNamespace(page=2, pages=6, total=132, per_page=25),
        now=datetime(2027, 1, 14, 1, 0, tzinfo=UTC),
    )


def test_the_content_policy_has_nothing_to_stop(pages: Flask) -> None:
    html = gallery(SessionForm())
    assert re.findall(r"<[^>]+\sstyle=", html) == []
    assert re.findall(r"<[^>]+\son[a-z]+=", html) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", html) == []


def test_names_come_out_as_text(pages: Flask) -> None:
    html = gallery(SessionForm())
    assert "Chen <b>" not in html
    assert "<i>2026" not in html
    assert 'data-confirm="Withdraw the place of Chen &lt;b&gt;Yu&lt;/b&gt;?"' in html


def test_a_field_says_its_help_and_its_error_where_it_stands(pages: Flask) -> None:
    form = SessionForm()
    form.title.errors = ["Give it a title."]
    html = gallery(form)
    control = re.search(r'<input[^>]*id="title"[^>]*>', html)
    assert control is not None
    assert 'aria-invalid="true"' in control[0]
    assert 'aria-describedby="title-help title-wrong"' in control[0]
    assert 'id="title-wrong"' in html
    assert '<a href="#title">Title</a>' in html
    assert "One field needs another look." in html


def test_somebody_elses_version_stands_beside_ones_own(pages: Flask) -> None:
    form = SessionForm(title="Mine")
    form.theirs = {"title": "Theirs <b>"}
    form.title.theirs = "Theirs <b>"
    html = gallery(form)
    assert html.count("Theirs &lt;b&gt;") == 2
    assert 'value="Mine"' in html


def test_every_form_that_posts_carries_its_proof_and_its_intent_once(pages: Flask) -> None:
    html = gallery(SessionForm())
    forms = re.findall(r'<form[^>]*method="post".*?</form>', html, re.DOTALL)
    assert len(forms) >= 6
    assert {form.count('name="csrf_token"') for form in forms} == {1}
    assert {form.count('name="intent"') for form in forms if "/language" not in form[:200]} <= {0, 1}
    assert 'id="csrf_token"' not in html


def test_the_pager_leads_to_its_neighbours(pages: Flask) -> None:
    html = gallery(SessionForm())
    assert "26–50 of 132" in html
    assert 'rel="prev" href="/list?page=1"' in html
    assert 'rel="next" href="/list?page=3"' in html


def test_a_sorted_column_says_so_and_turns_around(pages: Flask) -> None:
    assert '<th scope="col" aria-sort="ascending"><a href="/list?sort=-name">' in gallery(SessionForm())


def test_what_is_not_stated_is_never_shown_as_a_value(pages: Flask) -> None:
    html = gallery(SessionForm())
    assert html.count("not stated in the source") == 2
    assert "The list names them first." in html


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_an_error_page_tells_what_to_do_next(pages: Flask, code: int) -> None:
    html = render_template("errors/error.html", code=code, title="Title", text=None, request_id="r-1", action=None)
    assert f'<p class="eyebrow num">{code}</p>' in html
    assert "<code>r-1</code>" in html
    assert 'href="/home"' in html


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text()))
    assert drawn == set((ROOT / "static/vendor/tabler-icons/icons.txt").read_text().split())
    named = {
        name
        for page in TEMPLATES.rglob("*.html")
        for name in re.findall(r'icon\("([a-z0-9-]+)"|ico="([a-z0-9-]+)"', page.read_text())
        for name in name
        if name
    }
    assert named - drawn == set()


def test_every_macro_has_a_comment_and_a_line_in_the_guide() -> None:
    guide = (ROOT / "docs" / "design.md").read_text()
    silent = []
    for page in sorted(COMPONENTS.glob("*.html")):
        if page.name in ("frame.html", "dialogs.html", "gallery.html"):
            continue
        source = page.read_text()
        for name in re.findall(r"{% macro (\w+)\(", source):
            documented = re.search(rf"{{#[^#]*\b{name}\(", source)
            if documented is None or (f"{name}(" not in guide and name not in ("said_wrong", "stored_now")):
                silent.append(f"{page.name}: {name}")
    assert silent == []


def test_the_sheet_stays_light() -> None:
    assert len(gzip.compress(SHEET.read_bytes(), 9)) < 12_000


def test_what_is_wider_than_the_screen_scrolls_in_its_own_place() -> None:
    """Words for screen readers are placed absolutely: without a place of their own they widen the whole page."""
    assert re.search(r"\.scroll \{[^}]*overflow-x: auto[^}]*position: relative", SHEET.read_text("utf-8"))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ("paper", "sheet", "bronze-wash")
WORDS = {
    **{word: GROUNDS for word in ("ink", "ink-2", "ink-3", "bronze", "seal", "kept", "risk")},
    "on-bronze": ("bronze",),
}


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_every_word_can_be_read_in_both_modes(mode: int) -> None:
    tokens = {
        name: (light, dark)
        for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", SHEET.read_text())
    }
    pairs = [(word, ground) for word, grounds in WORDS.items() for ground in grounds]
    pairs += [(tone, f"{tone}-wash") for tone in ("seal", "kept", "risk")]
    pairs += [("ink-2", f"{tone}-wash") for tone in ("seal", "kept", "risk")]
    faint = [
        f"{word} on {ground}: {contrast(tokens[word][mode], tokens[ground][mode]):.2f}"
        for word, ground in pairs
        if contrast(tokens[word][mode], tokens[ground][mode]) < 4.5
    ]
    assert faint == []


def test_nothing_on_a_page_is_bound_to_a_style_attribute() -> None:
    guilty = [
        str(page.relative_to(TEMPLATES))
        for folder in FRAME
        for page in (TEMPLATES / folder).rglob("*.html")
        if re.search(r"\sstyle=|\son(click|change|submit|load)=|javascript:", page.read_text())
    ]
    assert guilty == []
