"""programme

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "event_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_local", sa.String(length=200), nullable=True),
        sa.Column("rule", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_series")),
        sa.UniqueConstraint("ref", name=op.f("uq_event_series_ref")),
    )
    op.create_table(
        "event_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_local", sa.String(length=100), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_template")),
        sa.UniqueConstraint("name", "edition", name=op.f("uq_event_template_name_edition")),
        sa.UniqueConstraint("ref", name=op.f("uq_event_template_ref")),
    )
    op.create_table(
        "mail_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_hold")),
        sa.UniqueConstraint("ref", name=op.f("uq_mail_hold_ref")),
        sa.UniqueConstraint("scope", name=op.f("uq_mail_hold_scope")),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_calendar_feed_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("account_id", name=op.f("uq_calendar_feed_account_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_calendar_feed_ref")),
    )
    op.create_table(
        "mail_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["mail_message.id"],
            name=op.f("fk_mail_attachment_message_id_mail_message"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_attachment")),
        sa.UniqueConstraint("ref", name=op.f("uq_mail_attachment_ref")),
    )
    with op.batch_alter_table("mail_attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_attachment_message_id"), ["message_id"], unique=False)

    op.create_table(
        "planned_deliverable",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("item_kind", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("days_before", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_planned_deliverable_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_deliverable")),
        sa.UniqueConstraint(
            "event_id", "item_kind", "kind", name=op.f("uq_planned_deliverable_event_id_item_kind_kind")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_planned_deliverable_ref")),
    )
    op.create_table(
        "programme_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["account.id"], name=op.f("fk_programme_release_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_programme_release_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_release")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_programme_release_event_id_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_programme_release_ref")),
    )
    op.create_table(
        "track",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_local", sa.String(length=100), nullable=True),
        sa.Column("colour", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_track_event_id_event"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track")),
        sa.UniqueConstraint("event_id", "name", name=op.f("uq_track_event_id_name")),
        sa.UniqueConstraint("ref", name=op.f("uq_track_ref")),
    )
    op.create_table(
        "availability_window",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_free", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (room_id IS NULL)", name=op.f("ck_availability_window_person_or_room")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_availability_window_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_availability_window_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_availability_window_person_id_person")),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_availability_window_room_id_room"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_window")),
        sa.UniqueConstraint("ref", name=op.f("uq_availability_window_ref")),
    )
    with op.batch_alter_table("availability_window", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_availability_window_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_availability_window_person_id"), ["person_id"], unique=False)

    op.create_table(
        "hard_stop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("reason_local", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_hard_stop_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hard_stop_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hard_stop")),
        sa.UniqueConstraint("ref", name=op.f("uq_hard_stop_ref")),
    )
    with op.batch_alter_table("hard_stop", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hard_stop_event_id"), ["event_id"], unique=False)

    op.create_table(
        "speaker_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("bio", sa.Text(), nullable=True),
        sa.Column("bio_local", sa.Text(), nullable=True),
        sa.Column("photo_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_speaker_profile_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_speaker_profile_person_id_person")),
        sa.ForeignKeyConstraint(["photo_id"], ["stored_file.id"], name=op.f("fk_speaker_profile_photo_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speaker_profile")),
        sa.UniqueConstraint("event_id", "person_id", name=op.f("uq_speaker_profile_event_id_person_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_speaker_profile_ref")),
    )
    with op.batch_alter_table("speaker_profile", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_speaker_profile_person_id"), ["person_id"], unique=False)

    op.create_table(
        "deliverable",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("days_before", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("review", sa.String(length=10), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_item.id"], name=op.f("fk_deliverable_item_id_agenda_item"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_deliverable_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverable")),
        sa.UniqueConstraint("item_id", "person_id", "kind", name=op.f("uq_deliverable_item_id_person_id_kind")),
        sa.UniqueConstraint("ref", name=op.f("uq_deliverable_ref")),
    )
    with op.batch_alter_table("deliverable", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deliverable_person_id"), ["person_id"], unique=False)

    op.create_table(
        "needed_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_item.id"], name=op.f("fk_needed_person_item_id_agenda_item"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_needed_person_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needed_person")),
        sa.UniqueConstraint("item_id", "person_id", name=op.f("uq_needed_person_item_id_person_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_needed_person_ref")),
    )
    with op.batch_alter_table("needed_person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needed_person_person_id"), ["person_id"], unique=False)

    op.create_table(
        "programme_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("item_version", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_programme_step_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_programme_step_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_item.id"], name=op.f("fk_programme_step_item_id_agenda_item"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_step")),
        sa.UniqueConstraint("ref", name=op.f("uq_programme_step_ref")),
    )
    with op.batch_alter_table("programme_step", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_programme_step_event_id_account_id_id"), ["event_id", "account_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_programme_step_item_id"), ["item_id"], unique=False)

    op.create_table(
        "deliverable_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("deliverable_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("is_accepted", sa.Boolean(), nullable=True),
        sa.Column("verdict", sa.String(length=1000), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["account.id"], name=op.f("fk_deliverable_version_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["deliverable_id"],
            ["deliverable.id"],
            name=op.f("fk_deliverable_version_deliverable_id_deliverable"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_deliverable_version_file_id_stored_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverable_version")),
        sa.UniqueConstraint("deliverable_id", "number", name=op.f("uq_deliverable_version_deliverable_id_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_deliverable_version_ref")),
    )
    with op.batch_alter_table("agenda_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("track_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("expected", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("minutes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("began_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("expected_start", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("expected_end", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("put_off", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("cut_to", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_agenda_item_track_id"), ["track_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_agenda_item_track_id_track"), "track", ["track_id"], ["id"], ondelete="SET NULL"
        )

    with op.batch_alter_table("agenda_speaker", schema=None) as batch_op:
        batch_op.add_column(sa.Column("consent", sa.String(length=10), nullable=False, server_default="named"))
        batch_op.add_column(sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("answer_note", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("secret_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("calendar_sequence", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("agreed_start", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("agreed_end", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_agenda_speaker_secret_hash"), ["secret_hash"])

    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("release_number", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("series_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("is_rehearsal", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("made_from", sa.String(length=200), nullable=True))
        batch_op.create_index(batch_op.f("ix_event_series_id"), ["series_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_event_series_id_event_series"), "event_series", ["series_id"], ["id"], ondelete="SET NULL"
        )

    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_rehearsal", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.add_column(sa.Column("building", sa.String(length=100), nullable=True))


def downgrade() -> None:

    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.drop_column("building")

    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_column("is_rehearsal")

    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_event_series_id_event_series"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_event_series_id"))
        batch_op.drop_column("made_from")
        batch_op.drop_column("is_rehearsal")
        batch_op.drop_column("series_id")
        batch_op.drop_column("release_number")

    with op.batch_alter_table("agenda_speaker", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_agenda_speaker_secret_hash"), type_="unique")
        batch_op.drop_column("agreed_end")
        batch_op.drop_column("agreed_start")
        batch_op.drop_column("calendar_sequence")
        batch_op.drop_column("secret_hash")
        batch_op.drop_column("answer_note")
        batch_op.drop_column("answered_at")
        batch_op.drop_column("asked_at")
        batch_op.drop_column("consent")

    with op.batch_alter_table("agenda_item", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_agenda_item_track_id_track"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_agenda_item_track_id"))
        batch_op.drop_column("cut_to")
        batch_op.drop_column("put_off")
        batch_op.drop_column("expected_end")
        batch_op.drop_column("expected_start")
        batch_op.drop_column("finished_at")
        batch_op.drop_column("began_at")
        batch_op.drop_column("minutes")
        batch_op.drop_column("expected")
        batch_op.drop_column("track_id")

    op.drop_table("deliverable_version")
    with op.batch_alter_table("programme_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_programme_step_item_id"))
        batch_op.drop_index(batch_op.f("ix_programme_step_event_id_account_id_id"))

    op.drop_table("programme_step")
    with op.batch_alter_table("needed_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_needed_person_person_id"))

    op.drop_table("needed_person")
    with op.batch_alter_table("deliverable", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deliverable_person_id"))

    op.drop_table("deliverable")
    with op.batch_alter_table("speaker_profile", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_speaker_profile_person_id"))

    op.drop_table("speaker_profile")
    with op.batch_alter_table("hard_stop", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hard_stop_event_id"))

    op.drop_table("hard_stop")
    with op.batch_alter_table("availability_window", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_availability_window_person_id"))
        batch_op.drop_index(batch_op.f("ix_availability_window_event_id"))

    op.drop_table("availability_window")
    op.drop_table("track")
    op.drop_table("programme_release")
    op.drop_table("planned_deliverable")
    with op.batch_alter_table("mail_attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_attachment_message_id"))

    op.drop_table("mail_attachment")
    op.drop_table("calendar_feed")
    op.drop_table("mail_hold")
    op.drop_table("event_template")
    op.drop_table("event_series")
