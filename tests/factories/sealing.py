"""A company's authority, a frozen paper and signatures on it, made as the product makes them but without a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import typst

from app.certificates import making
from app.certificates.making import Made
from app.seals.sealing import CLOSING, Field, Signer, freeze, sign
from app.signing.canonical import canonical

FROZEN_AT = datetime(2027, 1, 10, 9, 0, tzinfo=UTC)
YEARS = timedelta(days=365)
CRL_URL = "http://hufu.example/ca/1.crl"
ROLES = ("pledger", "witness", "countersigner")
NAMES = {"pledger": "沈岚", "witness": "Tomás Ruiz", "countersigner": "李巍"}


@dataclass
class House:
    """A root, an issuing authority, the seal and one certificate for each role."""

    root: Made
    issuing: Made
    seal: Made
    people: dict[str, Made]
    revoked: list[tuple[int, datetime]] = field(default_factory=list)

    @property
    def crls(self) -> tuple[bytes, ...]:
        made, until = FROZEN_AT - timedelta(days=1), FROZEN_AT + 20 * YEARS
        return (
            making.make_crl(self.root, [], number=1, made_at=made, next_at=until),
            making.make_crl(self.issuing, self.revoked, number=2, made_at=made, next_at=until),
        )

    def signer(self, made: Made) -> Signer:
        return Signer(
            making.der_of(made.pem),
            making.der_of_key(made.key),
            (making.der_of(self.issuing.pem), making.der_of(self.root.pem)),
            self.crls,
        )


@cache
def the_house() -> House:
    return make_house("Qinglan")


@cache
def the_double() -> House:
    """Everything is called as in the house, and nothing of it is the house's."""
    return make_house("Qinglan")


def make_house(name: str, *, years: int = 10) -> House:
    valid = {"valid_from": FROZEN_AT - YEARS, "valid_to": FROZEN_AT + 20 * YEARS}
    root = making.make_root(f"{name} Root", name, **valid)
    issuing = making.make_issuing(f"{name} Issuing", name, root=root, crl_url=CRL_URL, **valid)
    lasting = {"valid_from": FROZEN_AT - YEARS, "valid_to": FROZEN_AT + years * YEARS}
    people = {
        role: making.make_signer(
            NAMES[role], name, serial_number=person_ref(role), issuing=issuing, crl_url=CRL_URL, **lasting
        )
        for role in ROLES
    }
    seal = making.make_signer(f"Seal of {name}", name, serial_number=None, issuing=issuing, crl_url=CRL_URL, **lasting)
    return House(root, issuing, seal, people)


def person_ref(role: str) -> str:
    return f"person{role}"[:16].ljust(16, "0")


def pledge_data(**more: Any) -> dict[str, Any]:
    return {
        "document": "pledge",
        "pledge": "pledge0000000001",
        "label": "PL-2027-001",
        "edition": 1,
        "title": "营收军令状",
        "text": "我承诺。I promise 1,200.",
        "signatories": [
            {"place": number, "role": role, "person": person_ref(role), "name": NAMES[role], "position": None}
            for number, role in enumerate(ROLES, 1)
        ],
        **more,
    }


def field_name(role: str) -> str:
    return f"{role}-{ROLES.index(role) + 1}"


@cache
def draw(data: bytes) -> bytes:
    """A small PDF/A-3b with the data attached."""
    source = (
        '#set document(title: "Pledge")\n#set text(lang: "en")\n#let data = json(bytes(sys.inputs.data))\n'
        '#pdf.attach("pledge-data.json", bytes(sys.inputs.data), relationship: "data", mime-type: "application/json", '
        'description: "data")\n#data.text\n'
    )
    return typst.compile(
        source.encode(), format="pdf", pdf_standards=["a-3b"], sys_inputs={"data": data.decode()},
    )  # fmt: skip


@cache
def make_frozen() -> bytes:
    return freeze_for(the_house(), pledge_data())


def freeze_for(house: House, data: Mapping[str, Any]) -> bytes:
    raw = canonical(data)
    fields = [Field(field_name(role), box=(60, 60 + 80 * at, 220, 120 + 80 * at)) for at, role in enumerate(ROLES)]
    return freeze(
        draw(raw), data=raw, fields=[*fields, Field(CLOSING)], signer=house.signer(house.seal), name="Qinglan",
        reason="Text and fields are final", at=FROZEN_AT,
    ).pdf  # fmt: skip


def add_signature(
    pdf: bytes, house: House, role: str, *, made: Made | None = None, field: str | None = None, at: datetime | None = None,
    **more: Any,
) -> bytes:  # fmt: skip
    return sign(
        pdf, field=field or field_name(role), signer=house.signer(made or house.people[role]), name=NAMES[role],
        reason=f"Signed as {role}", at=at or FROZEN_AT + timedelta(hours=1 + ROLES.index(role)), **more,
    ).pdf  # fmt: skip


def close(pdf: bytes, house: House, **more: Any) -> bytes:
    return sign(
        pdf, field=CLOSING, signer=house.signer(house.seal), name="Qinglan", reason="All have signed",
        at=FROZEN_AT + timedelta(hours=9), **more,
    ).pdf  # fmt: skip


@cache
def make_signed(roles: tuple[str, ...] = ROLES, *, closed: bool = True) -> bytes:
    """Frozen, signed by these roles in this order, and closed by the company's seal."""
    return sign_all(make_frozen(), the_house(), roles, closed=closed)


def sign_all(pdf: bytes, house: House, roles: tuple[str, ...] = ROLES, *, closed: bool = True) -> bytes:
    for role in roles:
        pdf = add_signature(pdf, house, role)
    return close(pdf, house) if closed else pdf
