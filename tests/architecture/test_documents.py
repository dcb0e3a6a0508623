"""What the documents say is there, is there."""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
from babel.messages.pofile import read_po

from app.cli import main

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
DOCS = ROOT / "docs"
PICTURES = DOCS / "screenshots"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.glob("**/*.md"), ROOT / "translations" / "README.md"])
FOLDERS = ("app", "docs", "scripts", "static", "templates", "tests", "translations")
# Packages that hold no noun of the business; the look, the guides and the code itself tell of them.
NOT_IN_THE_GLOSSARY = {"core", "migrations", "demo", "home", "workflows", "accounts", "search", "sheets", "calendars"}


def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def links_of(path: Path) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", text_of(path))


def anchors_of(path: Path) -> set[str]:
    """The addresses of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def commands(group: click.Group, before: str = "hufu") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


ALL_COMMANDS = dict(commands(main))
SAID = re.compile(r"hufu (?:db|demo|events|audit|ca|user) [a-z]+|hufu (?:serve|run|routes|verify)\b")


@pytest.mark.parametrize("path", DOCUMENTS, ids=names(DOCUMENTS))
def test_every_link_leads_to_a_file_and_every_anchor_to_a_heading(path: Path) -> None:
    for link in links_of(path):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = unquote(link).partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors_of(target), link


@pytest.mark.parametrize("path", DOCUMENTS, ids=names(DOCUMENTS))
def test_every_file_of_the_project_that_is_named_is_there(path: Path) -> None:
    for name in re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]+)`", text_of(path)):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("path", DOCUMENTS, ids=names(DOCUMENTS))
def test_every_command_that_is_named_exists_with_its_options(path: Path) -> None:
    for line in text_of(path).splitlines():
        for part in re.findall(r"`([^`]*hufu [^`]*)`", line) or [line]:
            for said in SAID.finditer(part):
                assert said.group() in ALL_COMMANDS, line
                known = {option for each in ALL_COMMANDS[said.group()].params for option in each.opts}
                rest = SAID.split(part[said.end() :])[0].partition("#")[0]
                assert set(re.findall(r"--[a-z]+(?:-[a-z]+)*", rest)) <= known, line


def test_the_operating_guide_names_every_command() -> None:
    assert set(ALL_COMMANDS) <= set(SAID.findall(text_of(DOCS / "operating.md")))


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    for path in DOCUMENTS:
        assert set(re.findall(r"(?:`|    )make ([a-z]+)", text_of(path))) <= targets, path


def test_every_picture_is_shown_made_by_the_script_and_small() -> None:
    pictures = {path.name for path in PICTURES.iterdir()}
    shown = {link.rpartition("/")[2] for path in DOCUMENTS for link in links_of(path) if link.endswith(".png")}
    assert pictures == shown
    assert pictures == {
        f"{name}.png" for name in re.findall(r'^    "([a-z-]+)": \(', text_of(ROOT / "scripts" / "screenshots"), re.M)
    }
    for path in PICTURES.iterdir():
        content = path.read_bytes()
        assert content.startswith(b"\x89PNG"), path.name
        assert len(content) < 150_000, path.name
        assert struct.unpack(">I", content[16:20])[0] in (1280, 390), path.name


def test_both_guides_have_the_same_chapters() -> None:
    english, chinese = (
        [level for level in re.findall(r"^(#+) ", text_of(DOCS / name), re.MULTILINE)]
        for name in ("user-guide.md", "user-guide.zh.md")
    )
    assert english == chinese


def said_on_pages() -> dict[str, str]:
    """Every English sentence of the pages with its Chinese one; a number or a name stands as #."""
    said: dict[str, str] = {}
    for path in (ROOT / "translations" / "zh_Hans_CN").glob("*.po"):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_Hans_CN"):
                english, chinese = (
                    part if isinstance(part, str) else part[0] for part in (message.id or "", message.string or "")
                )
                # A word of two meanings stands once for each.
                said[f"{plain(english)} {message.context or ''}".strip()] = plain(chinese)
    return said


def plain(words: str) -> str:
    return re.sub(r"%\(\w+\)[sd]|\d+", "#", " ".join(words.split()))


def test_the_words_of_the_guides_stand_on_the_pages() -> None:
    said = said_on_pages()
    english = re.findall(r"(?<![*\w])\*([^*]{2,60})\*(?!\*)", text_of(DOCS / "user-guide.md"))
    chinese = re.findall(r"\*\*([^*\n]{2,60})\*\*", text_of(DOCS / "user-guide.zh.md"))
    assert len(english) > 100
    for words, pages in ((english, list(said)), (chinese, list(said.values()))):
        for each in {plain(word) for word in words}:
            assert any(page.startswith(each) for page in pages), each


def test_every_feature_has_its_word_in_the_glossary() -> None:
    glossary = text_of(DOCS / "glossary.md").lower()
    features = {path.name for path in APP.iterdir() if (path / "__init__.py").exists()} - NOT_IN_THE_GLOSSARY
    roots = {name: {"people": "person", "door": "check-in", "mail": "outbox", "files": "stored file",
                    "documents": "issued document", "signing": "signature", "publications": "release",
                    "programme": "agenda item", "registration": "registration", "ceremonies": "ceremony",
                    "speeches": "speech"}.get(name, name.removesuffix("s")) for name in features}  # fmt: skip
    assert {name: root for name, root in roots.items() if root not in glossary} == {}


def test_the_changelog_tells_of_this_version() -> None:
    version = re.search(r'^version = "([^"]+)"', text_of(ROOT / "pyproject.toml"), re.MULTILINE)
    assert version is not None
    assert f"## {version.group(1)}" in text_of(ROOT / "CHANGELOG.md")
