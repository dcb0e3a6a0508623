"""The `hufu` command."""

import contextlib
import gc
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from alembic.util import CommandError
from flask import Flask
from sqlalchemy import exc

from app.accounts import queries as accounts
from app.accounts import services as account_services
from app.certificates import ceremony
from app.certificates import keys as certificate_keys
from app.certificates import queries as certificate_queries
from app.certificates import services as certificates
from app.core import audit, jobs, logs, schema
from app.core.config import BadSetting, Settings, read_settings, secret_key
from app.core.db import assert_isolation, db, unit_of_work
from app.core.errors import Busy, Refused
from app.core.guards import is_public
from app.core.listening import CannotServe, Listening, alone_in, listen_on
from app.core.roles import SYSTEM, Role
from app.core.server import serve as serve_app
from app.demo import loader
from app.events import queries as events
from app.home.export import export_event
from app.ledger import queries as ledger
from app.packs.command import verify as verify_pack
from app.people import queries as people
from app.pledges import papers as pledge_papers
from app.signing import queries as signing
from app.signing.canonical import grouped
from app.web import create_app


def fail(sentence: object) -> None:
    """One clear line, and an exit status that says no."""
    click.echo(f"hufu: {sentence}", err=True)
    sys.exit(1)


@contextlib.contextmanager
def plainly() -> Iterator[None]:
    """What goes wrong becomes one line instead of a traceback (R22)."""
    try:
        yield
    except (BadSetting, CannotServe, Refused, loader.CannotLoad) as error:
        fail(error)
    except Busy as error:
        fail(f"the database is busy or full: {error.__cause__}")
    except exc.OperationalError as error:
        fail(f"the database cannot be used: {str(error.orig).strip().splitlines()[0]}")
    except exc.SQLAlchemyError as error:
        fail(f"the database does not fit: {str(error).splitlines()[0]}")
    except CommandError as error:
        fail(f"the schema cannot be changed: {error}")
    except (OSError, sqlite3.Error) as error:
        fail(f"a file cannot be used: {error}")


def make_app(settings: Settings | None = None) -> Flask:
    """The app on a database that fits it; raises BadSetting with one line otherwise."""
    settings = settings or read_settings()
    logs.configure(settings.log_level)
    app = create_app(settings)
    with app.app_context():
        check_schema()
        app.extensions["hufu_demo"] = bool(accounts.list_demo_accounts())
        db.session.remove()
    # What the start has made stays: the collector need not look at it again with every page (a sixth of a page's time).
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    return app


def check_schema() -> None:
    with db.engine.connect() as connection:
        assert_isolation(connection)
    if schema.is_from_a_newer_hufu():
        raise BadSetting("This database was written by a newer Hufu. Install that one, or restore an older backup.")
    if schema.present() != schema.newest():
        raise BadSetting("This database is not up to date. Run: hufu db upgrade")


@contextlib.contextmanager
def app_at_hand(*, checked: bool = True) -> Iterator[Flask]:
    with plainly():
        settings = read_settings()
        logs.configure("WARNING")
        app = create_app(settings)
        with app.app_context():
            if checked:
                check_schema()
            yield app
            db.session.remove()


@click.group()
def main() -> None:
    """Hufu: the word given and the word kept."""


# --- serving ------------------------------------------------------------------------------------------------------


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes; more than one wants PostgreSQL.")
@click.option("--threads", type=int, help="In each process; 8 in a single one, 3 in each of several unless told.")
def serve(port: int, workers: int, threads: int | None) -> None:
    """Serve on a database that is up to date."""
    with plainly():
        listening = take_port(port)
        with alone():
            run_server(listening, workers=workers, threads=threads)


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--no-demo", is_flag=True, help="Begin empty.")
def run(port: int, no_demo: bool) -> None:
    """Everything for a first look: bring the database up to date, load the demo into an empty one, serve."""
    with plainly(), contextlib.ExitStack() as held:
        listening = take_port(port)
        held.enter_context(alone())
        settings = read_settings()
        logs.configure("WARNING")
        app = create_app(settings)
        with app.app_context():
            if schema.is_from_a_newer_hufu():
                raise BadSetting("This database was written by a newer Hufu. Install that one.")
            if schema.present() != schema.newest():
                schema.upgrade()
            if not accounts.has_accounts():
                if no_demo:
                    greet_first(settings)
                else:
                    click.echo("Loading the demo into the empty database …")
                    loader.load()
            elif no_demo and accounts.list_demo_accounts():
                click.echo(
                    "This instance holds the demo. To begin empty, name another folder: HUFU_INSTANCE=… make run DEMO=0"
                )
            if accounts.list_demo_accounts():
                say_demo()
            db.session.remove()
            db.engine.dispose()
        run_server(listening)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the instance folder for as long as this serves; two servers would do its background jobs twice (R22)."""
    settings = read_settings()
    secret_key(settings)  # makes the folder, or says why it cannot
    with alone_in(settings.folder):
        yield


def take_port(port: int) -> Listening:
    """Take the port before anything else is begun; links name it unless an address is set."""
    listening = listen_on(read_settings().listen, port)
    os.environ.setdefault("HUFU_BASE_URL", f"http://localhost:{listening.port}")
    return listening


def run_server(listening: Listening, *, workers: int = 1, threads: int | None = None) -> None:
    try:
        serve_app(
            make_app,
            listening=listening,
            workers=workers,
            threads=threads,
            beside=background,
            ready=lambda: click.echo(f"Hufu is at {listening.address} (stop it with Ctrl-C)."),
        )
    finally:
        listening.close()


@contextlib.contextmanager
def background(app: Flask) -> Iterator[None]:
    """The background jobs, beside the first serving process."""
    consumer = jobs.start(app)
    try:
        yield
    finally:
        consumer.stop(graceful=True)


def greet_first(settings: Settings) -> None:
    """Print the one-time link that makes the first administrator; each start of an empty installation makes a new one."""
    with unit_of_work():
        token = account_services.issue_link(None, "first_administrator")
    click.echo(f"To begin, open this once: {settings.base_url.rstrip('/')}/first/{token}")


def say_demo() -> None:
    click.echo(f"Demo accounts; everybody's password is “{loader.PASSWORD}”:")
    for account in accounts.list_demo_accounts():
        click.echo(f"  {account.email:36} {account.demo_note or ''}")
    click.echo("To start for real, in a folder of its own: HUFU_INSTANCE=/path/to/instance make run DEMO=0")


# --- database -----------------------------------------------------------------------------------------------------


@main.group(name="db")
def database() -> None:
    """The schema."""


@database.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database up to date."""
    with app_at_hand(checked=False):
        schema.upgrade(revision)
        click.echo(f"The database is at {schema.present()}.")


@database.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the database back to an earlier revision."""
    with app_at_hand(checked=False):
        schema.downgrade(revision)
        click.echo(f"The database is at {schema.present()}.")


# --- demo ---------------------------------------------------------------------------------------------------------


@main.group()
def demo() -> None:
    """The demo: the real gathering of the release, and a fictional company beside it."""


@demo.command(name="load")
def demo_load() -> None:
    """Load the demo. Refused when the database holds real data."""
    with app_at_hand():
        loader.load()
        click.echo("The demo is loaded.")


@demo.command(name="accounts")
@click.option("--json", "as_json", is_flag=True)
def demo_accounts(as_json: bool) -> None:
    """The demo's accounts: [{"email", "name", "password", "note"}]."""
    with app_at_hand():
        rows = [
            {"email": each.email, "name": each.name, "password": loader.PASSWORD, "note": each.demo_note or ""}
            for each in accounts.list_demo_accounts()
        ]
        show(rows, as_json, lambda row: f"{row['email']:36} {row['note']}")
        if not as_json:
            click.echo(f"Everybody's password is “{loader.PASSWORD}”.")


def show(rows: list[dict[str, Any]], as_json: bool, line: Callable[[dict[str, Any]], str]) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for row in rows:
            click.echo(line(row))


# --- looking in ---------------------------------------------------------------------------------------------------


@main.command()
@click.option("--json", "as_json", is_flag=True)
def routes(as_json: bool) -> None:
    """Every address: [{"rule", "methods", "endpoint", "public"}]."""
    with app_at_hand(checked=False) as app:
        rows = [
            {
                "rule": rule.rule,
                "methods": sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}),
                "endpoint": rule.endpoint,
                "public": is_public(app, rule.endpoint),
            }
            for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
        ]
        show(rows, as_json, lambda row: f"{'public' if row['public'] else '      '} {row['rule']}  {row['endpoint']}")


@main.group(name="events")
def events_group() -> None:
    """Gatherings."""


@events_group.command(name="list")
@click.option("--json", "as_json", is_flag=True)
def events_list(as_json: bool) -> None:
    """All gatherings: [{"ref", "title", "status", "audience", "starts_on", "ends_on"}]."""
    with app_at_hand():
        rows = [
            {
                "ref": event.ref,
                "title": event.title,
                "status": event.status,
                "audience": event.audience,
                "starts_on": event.starts_on.isoformat(),
                "ends_on": event.ends_on.isoformat(),
            }
            for event in events.list_visible(SYSTEM)
        ]
        show(rows, as_json, lambda row: f"{row['ref']}  {row['starts_on']}  {row['status']:10} {row['title']}")


@events_group.command(name="export")
@click.argument("event")
@click.option("--json", "as_json", is_flag=True, help="The only shape there is; kept for later ones.")
def events_export(event: str, as_json: bool) -> None:
    """The whole record of one gathering, by its ref; docs/export.md tells the shape."""
    with app_at_hand():
        found = events.find_visible(SYSTEM, event)
        if found is None:
            fail(f"there is no event {event}")
            return
        click.echo(json.dumps(export_event(found), ensure_ascii=False, indent=2))


main.add_command(verify_pack, name="verify")


@main.group(name="audit")
def audit_group() -> None:
    """The log."""


@audit_group.command()
@click.option("--head", default=None, help="A head from a printed document: it must be in the log.")
def verify(head: str | None) -> None:
    """Walk the chain of the audit log; exit status 1 when it is broken."""
    with app_at_hand():
        try:
            found = ledger.examine(against=head, anchors=signing.list_heads())
        except ValueError as error:
            raise BadSetting(str(error)) from None
        anchor = f"row {found.holds.seq} ({found.holds.name or 'checkpoint'})" if found.holds else "none"
        if found.why == ledger.LOST:
            fail(f"{found.why}: rows from {found.broken_at} on were written anew or cut off, or it was mistyped. The last "
                 f"anchor that holds: {anchor}.")  # fmt: skip
        if found.broken_at is not None:
            fail(
                f"the audit log is broken at row {found.broken_at}: {found.why}. The last anchor that holds: {anchor}."
            )
        if found.unsigned:
            fail(f"the checkpoint of row {found.unsigned[0]} was not signed by this installation's key.")
        click.echo(
            f"The audit log is whole: {found.rows} rows. The last anchor that holds: {anchor}. Head {found.head}."
        )


@main.group(name="ca")
def authority_group() -> None:
    """The company's certificate authority, under which signatures are sealed."""


ROOT_KEY = click.option(
    "--root-key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file with the root's key, if it lies elsewhere.",
)


def ask_words(root_key: Path | None, *, twice: bool = False) -> str | None:
    """The passphrase of a root's key that lies elsewhere; in the instance folder it is the installation's."""
    return (
        click.prompt("Passphrase of the root's key", hide_input=True, confirmation_prompt=twice) if root_key else None
    )


@authority_group.command(name="init")
@ROOT_KEY
@click.option("--anew", is_flag=True, help="In place of a root that is lost or near its end.")
def ca_init(root_key: Path | None, anew: bool) -> None:
    """Make root, issuing authority and seal, and print the ceremony's script. Without this they are made at first need."""
    with app_at_hand():
        if anew and (waiting := pledge_papers.list_unsealed()):
            fail(f"pledges are being signed under the present root, and would end at two: {', '.join(waiting)}")
        words = ask_words(root_key, twice=True)
        with unit_of_work():
            made = certificates.found(actor=SYSTEM, root_key=root_key, words=words, anew=anew)
        where = root_key or certificate_keys.root_key_file()
        own = people.own_organization()
        click.echo(ceremony.script(made.root, key_file=str(where), organization=own.name if own else ""))


@authority_group.command(name="show")
@click.option("--json", "as_json", is_flag=True)
def ca_show(as_json: bool) -> None:
    """Every certificate: [{"kind", "serial", "subject", "valid_from", "valid_to", "revoked_at", "fingerprint"}]."""
    with app_at_hand():
        rows = [
            {
                "kind": each.kind,
                "serial": each.serial,
                "subject": each.subject,
                "valid_from": each.valid_from.isoformat(),
                "valid_to": each.valid_to.isoformat(),
                "revoked_at": each.revoked_at.isoformat() if each.revoked_at else None,
                "fingerprint": each.fingerprint,
            }
            for each in certificate_queries.list_all()
        ]
        show(rows, as_json, lambda row: f"{row['kind']:8} {row['serial'][:12]}  {ends(row):24} {row['subject']}")
        if not as_json and rows:
            for each in certificate_queries.list_roots():
                click.echo(f"Root fingerprint (SHA-256): {grouped(each.fingerprint)}")
            here = certificate_keys.root_key_file()
            click.echo(f"The root's key lies {f'at {here}' if here.exists() else 'elsewhere'}.")


def ends(row: dict[str, Any]) -> str:
    return f"revoked {row['revoked_at'][:10]}" if row["revoked_at"] else f"until {row['valid_to'][:10]}"


@authority_group.command(name="issue")
@click.argument("email")
@click.option("--checked", required=True, help="How and by whom it was made sure who they are.")
def ca_issue(email: str, checked: str) -> None:
    """Issue a signing certificate to a person. Without this it is issued at their first signature."""
    with app_at_hand():
        account = accounts.find_by_email(email)
        person = people.person_of(account) if account else None
        if person is None:
            fail(f"there is no person with the account {email}")
            return
        with unit_of_work():
            made = certificates.issue(person, checked=checked, actor=SYSTEM)
        click.echo(f"{made.subject}: {made.serial}")


@authority_group.command(name="revoke")
@click.argument("serial")
@click.option("--reason", required=True)
@ROOT_KEY
def ca_revoke(serial: str, reason: str, root_key: Path | None) -> None:
    """Revoke a certificate, by the first digits of its serial number. What it signed before stays signed."""
    with app_at_hand():
        found = certificate_queries.find_by_start(serial)
        if found is None:
            fail(f"no certificate, or more than one, begins with {serial}")
            return
        words = ask_words(root_key)
        with unit_of_work():
            certificates.revoke(found, actor=SYSTEM, reason=reason, root_key=root_key, words=words)
        click.echo(f"{found.subject} is revoked.")


@authority_group.command(name="crl")
@ROOT_KEY
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder to write the lists and the root to."
)
def ca_crl(root_key: Path | None, out: Path | None) -> None:
    """Publish new lists of what was revoked."""
    with app_at_hand():
        words = ask_words(root_key)
        with unit_of_work():
            made = certificates.renew_lists(actor=SYSTEM, root_key=root_key, words=words)
        for each in made:
            click.echo(f"{each.issuer.subject}: list {each.number}, until {each.next_at:%Y-%m-%d}")
            if out is not None:
                out.mkdir(parents=True, exist_ok=True)
                (out / f"{each.issuer_id}.crl").write_bytes(each.der)
                (out / "root.pem").write_text(certificates.root_pem())


@authority_group.command(name="rotate")
@ROOT_KEY
def ca_rotate(root_key: Path | None) -> None:
    """A new issuing authority and a new seal under the same root. What the old ones signed stays valid."""
    with app_at_hand():
        words = ask_words(root_key)
        with unit_of_work():
            made = certificates.rotate(actor=SYSTEM, root_key=root_key, words=words)
        click.echo(f"{made.issuing.subject} issues from now on.")


@main.group()
def user() -> None:
    """Accounts."""


@user.command()
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", type=click.Choice([str(role) for role in Role if role is not Role.MEMBER]), multiple=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def create(email: str, name: str, role: tuple[str, ...], password: str) -> None:
    """Make an account, such as the first administrator."""
    with app_at_hand():
        with unit_of_work():
            account = account_services.create_account(
                email=email, name=name, password=password, actor=SYSTEM, about=people.house_words()
            )
            for each in role:
                account_services.grant_role(account, Role(each), actor=SYSTEM)
        click.echo(f"{email} can sign in.")


@user.command()
@click.argument("email")
def link(email: str) -> None:
    """Print a link with which somebody sets a password, once within seven days: for where no mail leaves."""
    with app_at_hand() as app:
        account = accounts.find_by_email(email)
        if account is None or not account.is_active:
            fail(f"nobody can sign in as {email}")
            return
        with unit_of_work():
            token = account_services.issue_link(account, "invitation")
            audit.record(SYSTEM, "account.invited", account)
        click.echo(f"{app.extensions['hufu_settings'].base_url.rstrip('/')}/password/{token}")


if __name__ == "__main__":
    main()
