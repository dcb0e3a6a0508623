import re
import string
from pathlib import Path
from typing import get_type_hints

import pytest
from flask import Flask
from flask_babel import Babel

from app.core.config import ROOT
from app.documents import labels, shapes
from app.documents.fonts import missing_glyphs

PAIRS = {
    "minutes": (labels.minutes_labels, shapes.MinutesLabels),
    "pledge": (labels.pledge_labels, shapes.PledgeLabels),
    "admission": (labels.admission_labels, shapes.AdmissionLabels),
    "list": (labels.list_labels, shapes.ListLabels),
    "certificate": (labels.certificate_labels, shapes.CertificateLabels),
}


@pytest.fixture
def english() -> Flask:
    app = Flask("labels")
    Babel(app, default_locale="en")
    return app


@pytest.mark.parametrize("kind", PAIRS)
def test_each_document_has_exactly_the_words_it_prints(kind: str, english: Flask) -> None:
    make, shape = PAIRS[kind]
    with english.app_context():
        words = make()
    assert set(words) == set(get_type_hints(shape))
    assert words["page_of"] == "Page %(page)s of %(pages)s"


@pytest.mark.parametrize("kind", PAIRS)
def test_the_template_asks_for_no_other_words(kind: str) -> None:
    sources = [(ROOT / "templates" / "documents" / name).read_text() for name in (f"{kind}.typ", "house.typ")]
    asked = {word for source in sources for word in re.findall(r"data\.labels\.(?!at\()(\w+)", source)}
    assert asked <= set(get_type_hints(PAIRS[kind][1]))


def test_every_string_of_the_documents_is_translated_and_printable() -> None:
    catalogue = (ROOT / "translations" / "zh_Hans_CN" / "documents.po").read_text()
    known = dict(re.findall(r'msgid "(.+)"\nmsgstr "(.+)"', catalogue))
    used = set()
    for path in Path(ROOT / "app" / "documents").glob("*.py"):
        source = path.read_text()
        used |= set(re.findall(r'\b_\(\s*"([^"]+)"', source))
        used |= set(re.findall(r'pgettext\("[^"]+", "([^"]+)"\)', source))
    assert used - set(known) == set()
    assert missing_glyphs("".join(known.values())) == []
    for english, chinese in known.items():
        assert re.findall(r"%\(\w+\)s", english) == re.findall(r"%\(\w+\)s", chinese)
        assert not set(chinese) <= set(string.printable)
