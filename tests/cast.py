"""The cast of the stories, with their roles, at Qinglan Materials."""

from dataclasses import dataclass, field

from sqlalchemy import select

from app.accounts import services as accounts
from app.accounts.models import Account
from app.core.db import db
from app.core.roles import SYSTEM, Role
from app.core.text import fold
from app.people.models import Department, Organization, Person, Position

PASSWORD = "the tally has two halves"
# name: (full name, Chinese name, roles everywhere, title)
PEOPLE: dict[str, tuple[str, str | None, tuple[Role, ...], str]] = {
    "ada": ("Ada Okonkwo", None, (Role.ADMINISTRATOR,), "System administrator"),
    "olaf": ("Olaf Brandt", None, (Role.ORGANIZER,), "Head of the executive office"),
    "sara": ("Sara Novák", None, (Role.SECRETARY,), "Secretary"),
    "sven": ("Sven Lund", None, (Role.SUPERVISOR,), "Supervisor"),
    "li_wei": ("Li Wei", "李薇", (Role.PRESIDING_LEADER,), "President"),
    "dora": ("Dora Lin", "林朵", (), "Reception"),
    "petra": ("Petra Lindqvist", None, (), "Project lead"),
    "tom": ("Tom Okafor", None, (), "Head of purchasing"),
    "mei": ("Mei Zhao", "赵梅", (), "Head of works"),
    "rita": ("Rita Sommer", None, (), "Controller"),
    "aude": ("Aude Martin", None, (Role.AUDITOR,), "Auditor"),
    "xaver": ("Xaver Huber", None, (), "Trainee"),
}
OUTSIDE = ("nobody",)


@dataclass
class Cast:
    """`cast.petra` is her account, `cast.people["petra"]` the person of the directory."""

    accounts: dict[str, Account] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Account:
        try:
            return self.accounts[name]
        except KeyError:
            raise AttributeError(name) from None


def settle() -> None:
    """Put the cast into an empty database."""
    company = Organization(name="Qinglan Materials", name_local="清岚材料", is_own=True)
    office = Department(code="OFF", name="Executive Office", name_local="总经理办公室", organization=company)
    works = Department(code="WRK", name="Works", name_local="制造部", organization=company)
    db.session.add_all([company, office, works])
    db.session.flush()
    for handle, (name, local, roles, title) in PEOPLE.items():
        email = f"{handle.replace('_', '.')}@hufu.example"
        account = accounts.create_account(email=email, name=name, password=PASSWORD, actor=SYSTEM)
        for role in roles:
            accounts.grant_role(account, role, actor=SYSTEM)
        person = Person(
            account_id=account.id, organization=company, name=name, name_local=local, name_key=fold(f"{name} {local or ''}"),
            email=email, email_key=fold(email), department=works if handle in ("mei", "petra", "xaver") else office,
        )  # fmt: skip
        person.positions.append(Position(title=title, organization_id=company.id))
        db.session.add(person)
    db.session.flush()
    by_email = {person.email: person for person in db.session.scalars(select(Person))}
    by_email["petra@hufu.example"].manager = by_email["mei@hufu.example"]


def load() -> Cast:
    accounts_by_email = {account.email: account for account in db.session.scalars(select(Account))}
    people_by_email = {person.email: person for person in db.session.scalars(select(Person))}
    cast = Cast()
    for handle in PEOPLE:
        email = f"{handle.replace('_', '.')}@hufu.example"
        cast.accounts[handle] = accounts_by_email[email]
        cast.people[handle] = people_by_email[email]
    return cast
