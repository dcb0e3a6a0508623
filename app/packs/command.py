"""`hufu verify PACK`: judge an evidence pack with no settings, no database and no network."""

import re
import sys
from pathlib import Path
from typing import NoReturn

import click

from app.core.i18n import speaking
from app.packs.opening import MOST_BYTES
from app.signing.canonical import PRINTED

FINGERPRINT = re.compile(f"[0-9a-f]{{{PRINTED},64}}")
BETWEEN = " \t\n:·.-"  # as people and programs group the digits
MAY_BE_JUDGED = MOST_BYTES + 1_000_000


@click.command()
@click.argument("pack", type=click.Path(path_type=Path))
@click.option(
    "--root",
    default=None,
    help="Fingerprint of the company's root, typed from a paper of it (the first 32 digits are enough). Without it no pack "
    "is called complete.",
)
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
def verify(pack: Path, root: str | None, language: str) -> None:
    """Judge an evidence pack. The exit status is the verdict: 0 complete, 10 incomplete, 11 older version, 12 changed,
    13 signed by someone unknown, 14 cannot tell (so also when no root was given), 15 withdrawn."""
    from app.packs.reading import verify as judge

    try:
        if pack.stat().st_size > MAY_BE_JUDGED:
            _cannot(f"{pack} is larger than any evidence pack.")
        data = pack.read_bytes()
    except OSError as error:
        _cannot(f"{pack} cannot be read: {error.strerror or error}.")
    typed = "".join(sign for sign in root.lower() if sign not in BETWEEN) if root is not None else None
    if typed is not None and not FINGERPRINT.fullmatch(typed):
        _cannot("A fingerprint is 64 hexadecimal digits; the first 32, as papers print them, are enough.", status=2)
    with speaking("zh_Hans_CN" if language == "zh" else "en"):
        outcome = judge(data, root=typed)
        lines = [outcome.heading.upper(), *outcome.sentences]
    if outcome.title:
        lines += ["", f"{outcome.title}  {outcome.code}".rstrip()]
    if outcome.root:
        lines.append(f"Root SHA-256: {outcome.root}")
    click.echo("\n".join(_plainly(line) for line in [*lines, *(f"- {note}" for note in outcome.notes)]))
    sys.exit(outcome.exit_code)


def _plainly(line: str) -> str:
    """Without what would move the cursor or clear the screen: names in a pack are written by whoever made it."""
    return "".join(sign if sign.isprintable() else "�" for sign in line)


def _cannot(sentence: str, status: int = 1) -> NoReturn:
    click.echo(f"hufu: {sentence}", err=True)
    sys.exit(status)
