"""minutes

Revision: 0005
Follows: 0004
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
PUBLIC, INTERNAL = 0, 1


def _ref() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(16))


def _tables() -> sa.MetaData:
    found = sa.MetaData()
    names = ("event", "minutes", "minutes_version", "minutes_section", "minutes_extract", "acknowledgement")
    found.reflect(op.get_bind(), only=[*names, "minutes_comment", "search_entry", "issued_document"])
    return found


def _cut_into_sections() -> None:
    """Minutes of before are one section each: public where the gathering is, else internal, as they were read."""
    known, connection = _tables().tables, op.get_bind()
    event, minutes, version = known["event"], known["minutes"], known["minutes_version"]
    rows = connection.execute(
        sa.select(version, event.c.audience)
        .join(minutes, minutes.c.id == version.c.minutes_id)
        .join(event, event.c.id == minutes.c.event_id)
        .order_by(version.c.minutes_id, version.c.number)
    ).mappings()
    origins: dict[int, str] = {}
    for each in rows.all():
        clearance = PUBLIC if each["audience"] == "public" else INTERNAL
        common = {"version_id": each["id"], "clearance": clearance, "created_at": each["created_at"]}
        ref = _ref()
        frozen = each["frozen_at"] is not None
        connection.execute(
            known["minutes_section"].insert().values(
                **common, ref=ref, origin=origins.setdefault(each["minutes_id"], ref), position=1, key="", heading="",
                source=each["text"], text=each["text"] if frozen else None, bindings=[], version=1,
                changed_at=each["changed_at"],
            )
        )  # fmt: skip
        if each["document_id"] is not None:
            connection.execute(
                known["minutes_extract"].insert().values(
                    **common, ref=_ref(), text_hash=each["content_hash"], document_id=each["document_id"]
                )
            )  # fmt: skip
    public = sa.select(event.c.id).where(event.c.audience == "public")
    open_to_all = minutes.c.event_id.in_(public)
    connection.execute(minutes.update().where(open_to_all).values(least_clearance=PUBLIC))
    entry, asked, said = known["search_entry"], known["acknowledgement"], known["minutes_comment"]
    connection.execute(entry.update().values(least_clearance=PUBLIC))
    inside = sa.and_(entry.c.kind == "minutes", entry.c.event_id.not_in(public))
    connection.execute(entry.update().where(inside).values(least_clearance=INTERNAL))
    read = asked.c.version_hash.is_not(None)
    connection.execute(asked.update().where(read).values(text_hash=asked.c.version_hash, clearance=INTERNAL))
    connection.execute(said.update().where(said.c.resolved_at.is_not(None)).values(state="done"))


def _join_sections() -> None:
    """The release before shows a text whole to everybody who may see the gathering: of an approved one only what is
    open to them goes back. The whole stays in the issued papers."""
    known, connection = _tables().tables, op.get_bind()
    version, section, extract = known["minutes_version"], known["minutes_section"], known["minutes_extract"]
    parts: dict[int, list[str]] = {}
    frozen = dict(connection.execute(sa.select(version.c.id, version.c.frozen_at)).all())
    for each in connection.execute(sa.select(section).order_by(section.c.position, section.c.id)).mappings():
        if frozen[each["version_id"]] is None or each["clearance"] <= INTERNAL:
            said = each["source"] if each["text"] is None else each["text"]
            heading = f"## {each['heading']}" if each["heading"] else ""
            parts.setdefault(each["version_id"], []).extend(part for part in (heading, said) if part)
    for key, said in parts.items():
        connection.execute(version.update().where(version.c.id == key).values(text="\n\n".join(said)))
    for each in connection.execute(sa.select(extract).order_by(extract.c.clearance)).mappings():
        kept = version.update().where(version.c.id == each["version_id"])
        connection.execute(kept.values(document_id=each["document_id"]))


# On PostgreSQL the words of an entry are made once, when it is written: ranking made them anew for each hit.
SEARCH_NOW = (
    "DROP INDEX ix_search_entry_fts",
    "ALTER TABLE search_entry ADD COLUMN search_fts tsvector GENERATED ALWAYS AS (to_tsvector('simple', tokens)) STORED",
    "CREATE INDEX ix_search_entry_fts ON search_entry USING gin (search_fts)",
)
SEARCH_BEFORE = (
    "DROP INDEX ix_search_entry_fts",
    "ALTER TABLE search_entry DROP COLUMN search_fts",
    "CREATE INDEX ix_search_entry_fts ON search_entry USING gin (to_tsvector('simple', tokens))",
)


def _index_anew(statements: tuple[str, ...]) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for each in statements:
            op.execute(each)


def upgrade() -> None:

    op.create_table(
        "minutes_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("session_kind", sa.String(length=20), nullable=True),
        sa.Column("tradition", sa.String(length=10), nullable=False),
        sa.Column("outline", sa.JSON(), nullable=False),
        sa.Column("paper_heading", sa.String(length=200), nullable=True),
        sa.Column("docx_id", sa.Integer(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["docx_id"], ["stored_file.id"], name=op.f("fk_minutes_template_docx_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_template")),
        sa.UniqueConstraint("ref", name=op.f("uq_minutes_template_ref")),
    )
    op.create_table(
        "progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("job", sa.String(length=60), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("then", sa.String(length=500), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_progress_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_progress_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_progress_account_id_key")),
        sa.UniqueConstraint("ref", name=op.f("uq_progress_ref")),
    )
    op.create_table(
        "map_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=120), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("deliverable", sa.Text(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("responsible_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_map_task_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_map_task_department_id_department")
        ),
        sa.ForeignKeyConstraint(["responsible_id"], ["person.id"], name=op.f("fk_map_task_responsible_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_map_task")),
        sa.UniqueConstraint("ref", name=op.f("uq_map_task_ref")),
    )
    with op.batch_alter_table("map_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_map_task_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "risk_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_risk_point_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_risk_point_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_point")),
        sa.UniqueConstraint("ref", name=op.f("uq_risk_point_ref")),
    )
    with op.batch_alter_table("risk_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_risk_point_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "support_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("to_department_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_by_name", sa.String(length=200), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=False),
        sa.Column("priority", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("committed_for", sa.Date(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_name", sa.String(length=200), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_name", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_support_request_asked_by_id_person")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_support_request_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["to_department_id"], ["department.id"], name=op.f("fk_support_request_to_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_request")),
        sa.UniqueConstraint("ref", name=op.f("uq_support_request_ref")),
    )
    with op.batch_alter_table("support_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_support_request_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_support_request_needed_by"), ["needed_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_support_request_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_support_request_to_department_id"), ["to_department_id"], unique=False)

    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_local", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=True),
        sa.Column("clearance", sa.Integer(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_announcement_by_id_person")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_announcement_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_item.id"], name=op.f("fk_announcement_item_id_agenda_item"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_announcement_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        sa.UniqueConstraint("ref", name=op.f("uq_announcement_ref")),
    )
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announcement_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_announcement_session_id"), ["session_id"], unique=False)

    op.create_table(
        "minutes_adoption",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("minutes_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("corrections", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_item.id"], name=op.f("fk_minutes_adoption_item_id_agenda_item"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["minutes_id"], ["minutes.id"], name=op.f("fk_minutes_adoption_minutes_id_minutes"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_minutes_adoption_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_adoption")),
        sa.UniqueConstraint("minutes_id", "session_id", name=op.f("uq_minutes_adoption_minutes_id_session_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_minutes_adoption_ref")),
    )
    with op.batch_alter_table("minutes_adoption", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_minutes_adoption_session_id"), ["session_id"], unique=False)

    op.create_table(
        "minutes_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("minutes_id", sa.Integer(), nullable=False),
        sa.Column("section_origin", sa.String(length=16), nullable=True),
        sa.Column("clearance", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("from_number", sa.Integer(), nullable=False),
        sa.Column("until_number", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_minutes_attachment_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["minutes_id"], ["minutes.id"], name=op.f("fk_minutes_attachment_minutes_id_minutes"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_attachment")),
        sa.UniqueConstraint("ref", name=op.f("uq_minutes_attachment_ref")),
    )
    with op.batch_alter_table("minutes_attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_minutes_attachment_minutes_id"), ["minutes_id"], unique=False)

    op.create_table(
        "minutes_mention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("minutes_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("clearance", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["minutes_id"], ["minutes.id"], name=op.f("fk_minutes_mention_minutes_id_minutes"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_mention")),
        sa.UniqueConstraint("minutes_id", "kind", "key", name=op.f("uq_minutes_mention_minutes_id_kind_key")),
        sa.UniqueConstraint("ref", name=op.f("uq_minutes_mention_ref")),
    )
    with op.batch_alter_table("minutes_mention", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_minutes_mention_key"), ["key"], unique=False)

    op.create_table(
        "minutes_earlier_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.Column("heading", sa.String(length=200), nullable=False),
        sa.Column("clearance", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["minutes_version.id"],
            name=op.f("fk_minutes_earlier_text_version_id_minutes_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_earlier_text")),
        sa.UniqueConstraint("ref", name=op.f("uq_minutes_earlier_text_ref")),
    )
    with op.batch_alter_table("minutes_earlier_text", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_minutes_earlier_text_version_id_origin"), ["version_id", "origin"], unique=False
        )

    op.create_table(
        "minutes_extract",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("clearance", sa.Integer(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_minutes_extract_document_id_issued_document")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["minutes_version.id"],
            name=op.f("fk_minutes_extract_version_id_minutes_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_extract")),
        sa.UniqueConstraint("ref", name=op.f("uq_minutes_extract_ref")),
        sa.UniqueConstraint("version_id", "clearance", name=op.f("uq_minutes_extract_version_id_clearance")),
    )
    op.create_table(
        "minutes_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["minutes_version.id"],
            name=op.f("fk_minutes_override_version_id_minutes_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_override")),
        sa.UniqueConstraint("ref", name=op.f("uq_minutes_override_ref")),
        sa.UniqueConstraint("version_id", "key", name=op.f("uq_minutes_override_version_id_key")),
    )
    op.create_table(
        "minutes_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("minutes_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("before_id", sa.Integer(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_minutes_reading_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["before_id"],
            ["minutes_version.id"],
            name=op.f("fk_minutes_reading_before_id_minutes_version"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["minutes_id"], ["minutes.id"], name=op.f("fk_minutes_reading_minutes_id_minutes"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["minutes_version.id"],
            name=op.f("fk_minutes_reading_version_id_minutes_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_reading")),
        sa.UniqueConstraint("minutes_id", "account_id", name=op.f("uq_minutes_reading_minutes_id_account_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_minutes_reading_ref")),
    )
    with op.batch_alter_table("minutes_reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_minutes_reading_account_id"), ["account_id"], unique=False)

    op.create_table(
        "minutes_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("silence_agrees", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("opened_by_name", sa.String(length=200), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_by_name", sa.String(length=200), nullable=True),
        sa.Column("returned_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["minutes_version.id"],
            name=op.f("fk_minutes_round_version_id_minutes_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_round")),
        sa.UniqueConstraint("ref", name=op.f("uq_minutes_round_ref")),
    )
    with op.batch_alter_table("minutes_round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_minutes_round_version_id"), ["version_id"], unique=False)

    op.create_table(
        "minutes_section",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.Column("heading", sa.String(length=200), nullable=False),
        sa.Column("clearance", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("bindings", sa.JSON(), nullable=False),
        sa.Column("locked_by_id", sa.Integer(), nullable=True),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["locked_by_id"], ["account.id"], name=op.f("fk_minutes_section_locked_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["minutes_version.id"],
            name=op.f("fk_minutes_section_version_id_minutes_version"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"],
            ["account.id"],
            name=op.f("fk_minutes_section_written_by_id_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_section")),
        sa.UniqueConstraint("ref", name=op.f("uq_minutes_section_ref")),
    )
    with op.batch_alter_table("minutes_section", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_minutes_section_origin"), ["origin"], unique=False)
        batch_op.create_index(batch_op.f("ix_minutes_section_version_id"), ["version_id"], unique=False)

    op.create_table(
        "minutes_reviewer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_minutes_reviewer_person_id_person")),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["minutes_round.id"],
            name=op.f("fk_minutes_reviewer_round_id_minutes_round"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_reviewer")),
        sa.UniqueConstraint("ref", name=op.f("uq_minutes_reviewer_ref")),
        sa.UniqueConstraint("round_id", "person_id", name=op.f("uq_minutes_reviewer_round_id_person_id")),
    )
    with op.batch_alter_table("minutes_reviewer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_minutes_reviewer_person_id"), ["person_id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_local", sa.Text(), nullable=True),
        sa.Column("mover_id", sa.Integer(), nullable=True),
        sa.Column("mover_name", sa.String(length=200), nullable=True),
        sa.Column("means", sa.String(length=10), nullable=False),
        sa.Column("is_carried", sa.Boolean(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("abstained", sa.Integer(), nullable=True),
        sa.Column("clearance", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("requirement_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "votes_for >= 0 AND votes_against >= 0 AND abstained >= 0", name=op.f("ck_decision_votes_are_counts")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_decision_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_item.id"], name=op.f("fk_decision_item_id_agenda_item"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["mover_id"], ["person.id"], name=op.f("fk_decision_mover_id_person")),
        sa.ForeignKeyConstraint(
            ["requirement_id"],
            ["requirement.id"],
            name=op.f("fk_decision_requirement_id_requirement"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_decision_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("ref", name=op.f("uq_decision_ref")),
        sa.UniqueConstraint("session_id", "number", name=op.f("uq_decision_session_id_number")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_event_id"), ["event_id"], unique=False)

    op.create_table(
        "live_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("entry", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("clearance", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("assignment_id", sa.Integer(), nullable=True),
        sa.Column("compiled_into", sa.JSON(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_live_note_assignment_id_assignment"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_live_note_decision_id_decision"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_live_note_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_item.id"], name=op.f("fk_live_note_item_id_agenda_item"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_live_note_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_live_note_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_note")),
        sa.UniqueConstraint("ref", name=op.f("uq_live_note_ref")),
        sa.UniqueConstraint("session_id", "entry", name=op.f("uq_live_note_session_id_entry")),
    )
    with op.batch_alter_table("live_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_live_note_event_id"), ["event_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_live_note_session_id_item_id_noted_at"), ["session_id", "item_id", "noted_at"], unique=False
        )

    with op.batch_alter_table("acknowledgement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("text_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("clearance", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("is_copy", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(sa.Column("metric", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("baseline", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("target", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("deputy_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_campaign_deputy_id_person"), "person", ["deputy_id"], ["id"])

    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("least_clearance", sa.Integer(), nullable=False, server_default="0"))

    with op.batch_alter_table("minutes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("template_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("tradition", sa.String(length=10), nullable=False, server_default="assembly"))
        batch_op.add_column(sa.Column("subjects", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("earlier_number", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("least_clearance", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("distribution", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.create_foreign_key(
            batch_op.f("fk_minutes_template_id_minutes_template"),
            "minutes_template",
            ["template_id"],
            ["id"],
            ondelete="SET NULL",
        )

    with op.batch_alter_table("minutes_comment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("section_origin", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("paragraph", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("round_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("clearance", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("by_person_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("quoted", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("proposed", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("state", sa.String(length=10), nullable=False, server_default="open"))
        batch_op.add_column(sa.Column("answer", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("resolved_by_name", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(
            sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_minutes_comment_by_person_id_person"), "person", ["by_person_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_minutes_comment_round_id_minutes_round"),
            "minutes_round",
            ["round_id"],
            ["id"],
            ondelete="SET NULL",
        )

    with op.batch_alter_table("minutes_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("taken_over", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("source_file_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_minutes_version_source_file_id_stored_file"), "stored_file", ["source_file_id"], ["id"]
        )

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("clearance", sa.Integer(), nullable=False, server_default="1"))

    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.add_column(sa.Column("score", sa.Integer(), nullable=True))

    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("least_clearance", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("most_clearance", sa.Integer(), nullable=False, server_default="9"))
        batch_op.add_column(sa.Column("anchors", sa.JSON(), nullable=False, server_default="[]"))

    _cut_into_sections()
    with op.batch_alter_table("minutes_version", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_minutes_version_document_id_issued_document"), type_="foreignkey")
        batch_op.drop_column("document_id")
        batch_op.drop_column("text")
    _index_anew(SEARCH_NOW)


def downgrade() -> None:

    _index_anew(SEARCH_BEFORE)
    # Not made anew: the triggers that keep the full text hang on the table.
    op.execute("ALTER TABLE search_entry DROP COLUMN anchors")
    op.execute("ALTER TABLE search_entry DROP COLUMN most_clearance")
    op.execute("ALTER TABLE search_entry DROP COLUMN least_clearance")

    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.drop_column("score")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("clearance")

    with op.batch_alter_table("minutes_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("text", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("document_id", sa.Integer(), nullable=True))
        batch_op.drop_constraint(batch_op.f("fk_minutes_version_source_file_id_stored_file"), type_="foreignkey")
        batch_op.create_foreign_key(
            batch_op.f("fk_minutes_version_document_id_issued_document"),
            "issued_document",
            ["document_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.drop_column("accepted_at")
        batch_op.drop_column("source_file_id")
        batch_op.drop_column("taken_over")

    _join_sections()

    with op.batch_alter_table("minutes_comment", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_minutes_comment_round_id_minutes_round"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_minutes_comment_by_person_id_person"), type_="foreignkey")
        batch_op.drop_column("changed_at")
        batch_op.drop_column("version")
        batch_op.drop_column("resolved_by_name")
        batch_op.drop_column("answer")
        batch_op.drop_column("state")
        batch_op.drop_column("proposed")
        batch_op.drop_column("quoted")
        batch_op.drop_column("by_person_id")
        batch_op.drop_column("clearance")
        batch_op.drop_column("round_id")
        batch_op.drop_column("paragraph")
        batch_op.drop_column("section_origin")

    with op.batch_alter_table("minutes", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_minutes_template_id_minutes_template"), type_="foreignkey")
        batch_op.drop_column("distribution")
        batch_op.drop_column("least_clearance")
        batch_op.drop_column("earlier_number")
        batch_op.drop_column("subjects")
        batch_op.drop_column("tradition")
        batch_op.drop_column("template_id")

    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.drop_column("least_clearance")

    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_campaign_deputy_id_person"), type_="foreignkey")
        batch_op.drop_column("deputy_id")
        batch_op.drop_column("target")
        batch_op.drop_column("baseline")
        batch_op.drop_column("metric")

    with op.batch_alter_table("acknowledgement", schema=None) as batch_op:
        batch_op.drop_column("is_copy")
        batch_op.drop_column("clearance")
        batch_op.drop_column("text_hash")

    with op.batch_alter_table("live_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_live_note_session_id_item_id_noted_at"))
        batch_op.drop_index(batch_op.f("ix_live_note_event_id"))

    op.drop_table("live_note")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_event_id"))

    op.drop_table("decision")
    with op.batch_alter_table("minutes_reviewer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_minutes_reviewer_person_id"))

    op.drop_table("minutes_reviewer")
    with op.batch_alter_table("minutes_section", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_minutes_section_version_id"))
        batch_op.drop_index(batch_op.f("ix_minutes_section_origin"))

    op.drop_table("minutes_section")
    with op.batch_alter_table("minutes_round", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_minutes_round_version_id"))

    op.drop_table("minutes_round")
    with op.batch_alter_table("minutes_reading", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_minutes_reading_account_id"))

    op.drop_table("minutes_reading")
    op.drop_table("minutes_override")
    op.drop_table("minutes_extract")
    with op.batch_alter_table("minutes_earlier_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_minutes_earlier_text_version_id_origin"))

    op.drop_table("minutes_earlier_text")
    with op.batch_alter_table("minutes_mention", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_minutes_mention_key"))

    op.drop_table("minutes_mention")
    with op.batch_alter_table("minutes_attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_minutes_attachment_minutes_id"))

    op.drop_table("minutes_attachment")
    with op.batch_alter_table("minutes_adoption", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_minutes_adoption_session_id"))

    op.drop_table("minutes_adoption")
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcement_session_id"))
        batch_op.drop_index(batch_op.f("ix_announcement_event_id"))

    op.drop_table("announcement")
    with op.batch_alter_table("support_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_support_request_to_department_id"))
        batch_op.drop_index(batch_op.f("ix_support_request_state"))
        batch_op.drop_index(batch_op.f("ix_support_request_needed_by"))
        batch_op.drop_index(batch_op.f("ix_support_request_campaign_id"))

    op.drop_table("support_request")
    with op.batch_alter_table("risk_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_risk_point_campaign_id"))

    op.drop_table("risk_point")
    with op.batch_alter_table("map_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_map_task_campaign_id"))

    op.drop_table("map_task")
    op.drop_table("progress")
    op.drop_table("minutes_template")
