"""The database's schema: bringing it up to date, and telling whether it fits this code."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.core.config import ROOT
from app.core.db import db

FOLDER: Path = ROOT / "app" / "migrations"


def alembic() -> Config:
    config = Config(str(FOLDER / "alembic.ini"))
    config.set_main_option("script_location", str(FOLDER))
    return config


def upgrade(revision: str = "head") -> None:
    """Bring the schema up to date; everything or nothing."""
    command.upgrade(alembic(), revision)


def downgrade(revision: str) -> None:
    command.downgrade(alembic(), revision)


def present() -> str | None:
    """The revision of the database; None when it is empty."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    return ScriptDirectory.from_config(alembic()).get_current_head()


def is_from_a_newer_hufu() -> bool:
    """Whether the database holds a revision that this code does not know (R22)."""
    known = {script.revision for script in ScriptDirectory.from_config(alembic()).walk_revisions()}
    found = present()
    return found is not None and found not in known
