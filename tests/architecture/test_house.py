"""Rules of the house that a machine can watch."""

import ast
import re
from pathlib import Path

import pytest

from app.core.config import Settings

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
FEATURE_FILES = {"__init__", "models", "queries", "policy", "services", "errors", "forms", "views"}
NEVER = {"utils", "helpers", "common", "manager", "misc", "tools"}
SOURCES = [path for path in APP.glob("**/*.py") if "migrations" not in path.parts]
# Folders of templates that are no feature's: the frame, the parts, the error pages.
SHARED_TEMPLATES = {"layouts", "components", "errors"}


def code_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def test_only_one_file_commits() -> None:
    committing = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        for node in ast.walk(code_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }
    assert committing == {"app/core/db.py"}


def test_only_one_file_asks_the_clock() -> None:
    asking = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        for node in ast.walk(code_of(path))
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "today", "utcnow")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date")
    }
    assert asking == {"app/core/clock.py"}


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [path.name for path in SOURCES if path.stem in NEVER] == []


def test_every_template_folder_belongs_to_a_feature() -> None:
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()} - SHARED_TEMPLATES
    assert folders <= {path.name for path in APP.iterdir() if path.is_dir()}


def test_every_static_folder_belongs_to_a_feature() -> None:
    folders = {path.name for path in (ROOT / "static").iterdir() if path.is_dir()} - {"base", "vendor"}
    assert folders <= {path.name for path in APP.iterdir() if path.is_dir()}


def test_every_vendored_folder_carries_its_licence_and_version() -> None:
    for folder in (ROOT / "static" / "vendor").iterdir():
        names = {path.name.split(".")[0].upper() for path in folder.rglob("*") if path.is_file()}
        assert names & {"LICENSE", "OFL", "LICENCE"}, folder.name
        assert "VERSION" in names or any(re.search(r"\d+\.\d+", path.name) for path in folder.rglob("*")), folder.name


def test_templates_hold_no_inline_script_style_or_handler() -> None:
    wrong = re.compile(r"<script(?![^>]*\bsrc=)|\sstyle=\"|\son[a-z]+=\"|javascript:|\|\s*safe\b")
    found = {
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in (ROOT / "templates").glob("**/*.html")
        if "mail" not in path.parts and path.name != "mail.html"
        for match in wrong.finditer(path.read_text("utf-8"))
    }
    assert found == set()


def test_every_setting_is_documented() -> None:
    guide = (ROOT / "docs" / "operating.md").read_text("utf-8")
    for name, field in Settings.__dataclass_fields__.items():
        assert f"`HUFU_{name.upper()}`" in guide, name
        assert field.metadata["sentence"] in guide, name


# The last three would let a form set fields that it does not show (AZ6).
NEVER_CALLED = [
    "pickle.load", "yaml.load(", "eval(", "exec(", "os.system", "shell=True", "Markup(f", ".populate_obj(",
    "**request.form", "**request.values", "request.form.to_dict",
]  # fmt: skip


@pytest.mark.parametrize("word", NEVER_CALLED)
def test_dangerous_calls_are_not_used(word: str) -> None:
    assert [str(path) for path in SOURCES if word in path.read_text("utf-8").replace("re.compile(", "")] == []


def test_nothing_names_a_place_outside_the_project() -> None:
    wrong = re.compile(r"\.\./shared|/root/|/work/")
    for path in [*SOURCES, *ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("scripts/*"), ROOT / "Makefile"]:
        if path.is_file():
            assert wrong.search(path.read_text("utf-8", errors="replace")) is None, path


def test_gathering_and_sitting_keep_their_words() -> None:
    """The bare word session is the corporate session: nothing of ours names a database session that way."""
    for path in APP.glob("*/services.py"):
        for node in ast.walk(code_of(path)):
            if isinstance(node, ast.Assign) and ast.unparse(node.value) == "db.session":
                raise AssertionError(f"{path}: {ast.unparse(node)}")


def test_every_link_names_a_page_that_exists(app) -> None:
    """A page that is rarely drawn must not be the first to find out."""
    named = re.compile(r"""url_for\(\s*["']([a-z_]+\.[a-z_]+|static)["']""")
    for path in [*SOURCES, *(ROOT / "templates").glob("**/*.html"), *(ROOT / "templates").glob("**/*.txt")]:
        for endpoint in named.findall(path.read_text("utf-8")):
            assert endpoint in app.view_functions, f"{path.relative_to(ROOT)}: {endpoint}"
