"""registration

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KNOWN_STATES = "state IN ('pending', 'offered', 'confirmed', 'waiting', 'withdrawn', 'replaced', 'refused')"


def upgrade() -> None:

    op.create_table(
        "person_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_local", sa.String(length=200), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_group")),
        sa.UniqueConstraint("name", name=op.f("uq_person_group_name")),
        sa.UniqueConstraint("ref", name=op.f("uq_person_group_ref")),
    )
    op.create_table(
        "badge_layout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_badge_layout_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_layout")),
        sa.UniqueConstraint("event_id", "kind", name=op.f("uq_badge_layout_event_id_kind")),
        sa.UniqueConstraint("ref", name=op.f("uq_badge_layout_ref")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("as_fits", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_batch_by_id_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_batch_event_id_event"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("ref", name=op.f("uq_batch_ref")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_event_id"), ["event_id"], unique=False)

    op.create_table(
        "form_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("schema", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["account.id"], name=op.f("fk_form_version_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_form_version_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_version")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_form_version_event_id_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_form_version_ref")),
    )
    op.create_table(
        "invitee_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("said", sa.String(length=300), nullable=False),
        sa.Column("said_local", sa.String(length=300), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_invitee_rule_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitee_rule")),
        sa.UniqueConstraint("ref", name=op.f("uq_invitee_rule_ref")),
    )
    with op.batch_alter_table("invitee_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitee_rule_event_id"), ["event_id"], unique=False)

    op.create_table(
        "mailing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("subject_local", sa.String(length=200), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_local", sa.Text(), nullable=True),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("approved_by_name", sa.String(length=200), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_to", sa.JSON(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_mailing_by_id_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_mailing_event_id_event"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
        sa.UniqueConstraint("ref", name=op.f("uq_mailing_ref")),
    )
    with op.batch_alter_table("mailing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mailing_event_id"), ["event_id"], unique=False)

    op.create_table(
        "print_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed", sa.Text(), nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["account.id"], name=op.f("fk_print_run_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_print_run_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_print_run_file_id_stored_file"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_run")),
        sa.UniqueConstraint("ref", name=op.f("uq_print_run_ref")),
    )
    with op.batch_alter_table("print_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_run_event_id"), ["event_id"], unique=False)

    op.create_table(
        "question_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("schema", sa.JSON(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_question_form_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_form")),
        sa.UniqueConstraint("event_id", name=op.f("uq_question_form_event_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_question_form_ref")),
    )
    op.create_table(
        "reminder_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=True),
        sa.Column("second", sa.Integer(), nullable=True),
        sa.Column("third", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_reminder_plan_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_plan")),
        sa.UniqueConstraint("event_id", name=op.f("uq_reminder_plan_event_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_reminder_plan_ref")),
    )
    op.create_table(
        "sign_in_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("span", sa.String(length=16), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_sign_in_sheet_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_sheet")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_sign_in_sheet_event_id_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_sign_in_sheet_ref")),
    )
    op.create_table(
        "assistantship",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("assistant_id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("assistant_id <> principal_id", name=op.f("ck_assistantship_two_people")),
        sa.ForeignKeyConstraint(["assistant_id"], ["person.id"], name=op.f("fk_assistantship_assistant_id_person")),
        sa.ForeignKeyConstraint(
            ["by_id"], ["account.id"], name=op.f("fk_assistantship_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["principal_id"], ["person.id"], name=op.f("fk_assistantship_principal_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistantship")),
        sa.UniqueConstraint("ref", name=op.f("uq_assistantship_ref")),
    )
    with op.batch_alter_table("assistantship", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assistantship_assistant_id"), ["assistant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assistantship_principal_id"), ["principal_id"], unique=False)

    op.create_table(
        "ended_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_ended_code_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ended_code_person_id_person")),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["person.id"], name=op.f("fk_ended_code_replaced_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_code")),
        sa.UniqueConstraint("code", name=op.f("uq_ended_code_code")),
        sa.UniqueConstraint("ref", name=op.f("uq_ended_code_ref")),
    )
    with op.batch_alter_table("ended_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ended_code_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ended_code_person_id"), ["person_id"], unique=False)

    op.create_table(
        "group_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["person_group.id"], name=op.f("fk_group_member_group_id_person_group"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_group_member_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_member")),
        sa.UniqueConstraint("group_id", "person_id", name=op.f("uq_group_member_group_id_person_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_group_member_ref")),
    )
    with op.batch_alter_table("group_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_member_person_id"), ["person_id"], unique=False)

    op.create_table(
        "answer_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_answer_file_file_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_answer_file_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_file")),
        sa.UniqueConstraint("ref", name=op.f("uq_answer_file_ref")),
    )
    with op.batch_alter_table("answer_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_file_registration_id"), ["registration_id"], unique=False)

    op.create_table(
        "answer_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["form_id"], ["form_version.id"], name=op.f("fk_answer_sheet_form_id_form_version")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_answer_sheet_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_sheet")),
        sa.UniqueConstraint("ref", name=op.f("uq_answer_sheet_ref")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_answer_sheet_registration_id")),
    )
    with op.batch_alter_table("answer_sheet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_sheet_form_id"), ["form_id"], unique=False)

    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("approver_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=200), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["approver_id"], ["person.id"], name=op.f("fk_approval_approver_id_person")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_approval_decided_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_approval_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_approval_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("ref", name=op.f("uq_approval_ref")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_approval_token_hash")),
    )
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_approver_id"), ["approver_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_approval_event_id_state"), ["event_id", "state"], unique=False)
        batch_op.create_index(
            "uq_approval_open",
            ["registration_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "attendance_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("span", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("substitute_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("evidence", sa.String(length=300), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('present', 'late', 'left_early', 'absent', 'excused', 'substituted', 'remote')",
            name=op.f("ck_attendance_mark_status"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["account.id"], name=op.f("fk_attendance_mark_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_attendance_mark_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_mark_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_attendance_mark_session_id_session"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["substitute_id"], ["person.id"], name=op.f("fk_attendance_mark_substitute_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_mark")),
        sa.UniqueConstraint("event_id", "person_id", "span", name=op.f("uq_attendance_mark_event_id_person_id_span")),
        sa.UniqueConstraint("ref", name=op.f("uq_attendance_mark_ref")),
    )
    with op.batch_alter_table("attendance_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendance_mark_event_id_span"), ["event_id", "span"], unique=False)
        batch_op.create_index(batch_op.f("ix_attendance_mark_person_id"), ["person_id"], unique=False)

    op.create_table(
        "batch_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("made_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_batch_member_batch_id_batch"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_batch_member_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_member")),
        sa.UniqueConstraint("ref", name=op.f("uq_batch_member_ref")),
    )
    with op.batch_alter_table("batch_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_member_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_member_registration_id"), ["registration_id"], unique=False)

    op.create_table(
        "change_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=200), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["account.id"], name=op.f("fk_change_request_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_change_request_decided_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_change_request_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["form_id"], ["form_version.id"], name=op.f("fk_change_request_form_id_form_version")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_change_request_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_request")),
        sa.UniqueConstraint("ref", name=op.f("uq_change_request_ref")),
    )
    with op.batch_alter_table("change_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_request_event_id_state"), ["event_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_change_request_registration_id"), ["registration_id"], unique=False)

    op.create_table(
        "door_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_local", sa.String(length=200), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("repeat", sa.String(length=8), nullable=False),
        sa.Column("counts_out", sa.Boolean(), nullable=False),
        sa.Column("chosen_only", sa.Boolean(), nullable=False),
        sa.Column("takes_walk_ins", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_door_point_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_door_point_session_id_session"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_point")),
        sa.UniqueConstraint("ref", name=op.f("uq_door_point_ref")),
    )
    with op.batch_alter_table("door_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_door_point_event_id_position"), ["event_id", "position"], unique=False)
        batch_op.create_index(
            "uq_door_point_arrival",
            ["event_id"],
            unique=True,
            sqlite_where=sa.text("kind = 'arrival'"),
            postgresql_where=sa.text("kind = 'arrival'"),
        )

    op.create_table(
        "invitation_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("excuse", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("maybe_until", sa.Date(), nullable=True),
        sa.Column("means", sa.String(length=10), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["account.id"], name=op.f("fk_invitation_answer_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.id"],
            name=op.f("fk_invitation_answer_invitation_id_invitation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_answer")),
        sa.UniqueConstraint("ref", name=op.f("uq_invitation_answer_ref")),
    )
    with op.batch_alter_table("invitation_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_answer_invitation_id"), ["invitation_id"], unique=False)

    op.create_table(
        "printed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_printed_by_id_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_printed_event_id_event"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_printed_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["print_run.id"], name=op.f("fk_printed_run_id_print_run"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed")),
        sa.UniqueConstraint("ref", name=op.f("uq_printed_ref")),
    )
    with op.batch_alter_table("printed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printed_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_printed_registration_id"), ["registration_id"], unique=False)

    op.create_table(
        "substitution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("to_person_id", sa.Integer(), nullable=False),
        sa.Column("approver_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["approver_id"], ["person.id"], name=op.f("fk_substitution_approver_id_person")),
        sa.ForeignKeyConstraint(
            ["by_id"], ["account.id"], name=op.f("fk_substitution_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_substitution_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_substitution_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["to_person_id"], ["person.id"], name=op.f("fk_substitution_to_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
        sa.UniqueConstraint("ref", name=op.f("uq_substitution_ref")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_substitution_token_hash")),
    )
    with op.batch_alter_table("substitution", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_substitution_approver_id"), ["approver_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_substitution_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_substitution_to_person_id"), ["to_person_id"], unique=False)
        batch_op.create_index(
            "uq_substitution_standing",
            ["registration_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('asked', 'accepted')"),
            postgresql_where=sa.text("state IN ('asked', 'accepted')"),
        )

    op.create_table(
        "door_device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("profile", sa.String(length=8), nullable=False),
        sa.Column("pairing_hash", sa.String(length=64), nullable=True),
        sa.Column("pairing_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("paired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["account.id"], name=op.f("fk_door_device_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_door_device_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["door_point.id"], name=op.f("fk_door_device_point_id_door_point"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_device")),
        sa.UniqueConstraint("pairing_hash", name=op.f("uq_door_device_pairing_hash")),
        sa.UniqueConstraint("ref", name=op.f("uq_door_device_ref")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_door_device_token_hash")),
    )
    with op.batch_alter_table("door_device", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_door_device_event_id"), ["event_id"], unique=False)

    op.create_table(
        "refused_scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("scan_id", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("first_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("was_offline", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["door_device.id"], name=op.f("fk_refused_scan_device_id_door_device"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_refused_scan_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["first_id"], ["check_in.id"], name=op.f("fk_refused_scan_first_id_check_in"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_refused_scan_person_id_person")),
        sa.ForeignKeyConstraint(
            ["point_id"], ["door_point.id"], name=op.f("fk_refused_scan_point_id_door_point"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_scan")),
        sa.UniqueConstraint("ref", name=op.f("uq_refused_scan_ref")),
        sa.UniqueConstraint("scan_id", name=op.f("uq_refused_scan_scan_id")),
    )
    with op.batch_alter_table("refused_scan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refused_scan_event_id"), ["event_id"], unique=False)

    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.add_column(sa.Column("point_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("slot", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("direction", sa.String(length=3), nullable=False, server_default="in"))
        batch_op.add_column(sa.Column("device_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("scan_id", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("undo_reason", sa.Text(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_check_in_event_id"))
        batch_op.drop_index(batch_op.f("uq_check_in_standing"), sqlite_where=sa.text("undone_at IS NULL"))
        batch_op.create_index(
            "uq_check_in_standing",
            ["point_id", "person_id", "slot"],
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_check_in_event_id_at"), ["event_id", "at"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_check_in_scan_id"), ["scan_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_check_in_point_id_door_point"), "door_point", ["point_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_check_in_device_id_door_device"), "door_device", ["device_id"], ["id"], ondelete="SET NULL"
        )

    # Until now everybody was let in at one door: it becomes the point of arrival.
    op.execute(
        "INSERT INTO door_point (ref, event_id, kind, name, repeat, counts_out, chosen_only, takes_walk_ins, position,"
        " version, created_at, changed_at) SELECT ref, id, 'arrival', 'Arrival', 'once', false, false, false, 0, 1,"
        " created_at, changed_at FROM event WHERE id IN (SELECT event_id FROM check_in)"
    )
    op.execute(
        "UPDATE check_in SET point_id = (SELECT id FROM door_point WHERE door_point.event_id = check_in.event_id)"
    )
    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.alter_column("point_id", existing_type=sa.Integer(), nullable=False)

    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("excuse", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("maybe_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("instead_of_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reminders", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index(batch_op.f("ix_invitation_instead_of_id"), ["instead_of_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_invitation_instead_of_id_person"), "person", ["instead_of_id"], ["id"]
        )

    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bundle", sa.String(length=16), nullable=True))
        batch_op.create_index(batch_op.f("ix_mail_message_bundle"), ["bundle"], unique=False)

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("has_assistants", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("place_counter", schema=None) as batch_op:
        batch_op.add_column(sa.Column("option", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("name", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("name_local", sa.String(length=200), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_place_counter_event_id_option"), ["event_id", "option"])

    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("offer_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("skipped", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("reconfirm_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("instead_of_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_registration_instead_of_id_person"), "person", ["instead_of_id"], ["id"]
        )

    with op.batch_alter_table("registration_plan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("offer_hours", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("approver", sa.String(length=10), nullable=False, server_default="nobody"))
        batch_op.add_column(sa.Column("approval_days", sa.Integer(), nullable=False, server_default="3"))
        batch_op.add_column(sa.Column("pending_holds", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("changes_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reconfirm_hours", sa.Integer(), nullable=False, server_default="48"))
        batch_op.add_column(sa.Column("substitutes", sa.String(length=10), nullable=False, server_default="department"))
        batch_op.add_column(sa.Column("substitutes_approved", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_registration_state"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_registration_known_state"), KNOWN_STATES)
    with op.batch_alter_table("place_counter", schema=None) as batch_op:
        batch_op.create_check_constraint(
            batch_op.f("ck_place_counter_one_resource"), "session_id IS NULL OR option IS NULL"
        )
        batch_op.drop_index("uq_place_counter_event_itself")
        batch_op.create_index(
            "uq_place_counter_event_itself",
            ["event_id"],
            unique=True,
            sqlite_where=sa.text("session_id IS NULL AND option IS NULL"),
            postgresql_where=sa.text("session_id IS NULL AND option IS NULL"),
        )


def downgrade() -> None:
    # The release before knows one door, three states, and no options.
    op.execute("DELETE FROM check_in WHERE point_id NOT IN (SELECT id FROM door_point WHERE kind = 'arrival')")
    op.execute(
        "DELETE FROM check_in WHERE undone_at IS NULL AND id NOT IN (SELECT min(id) FROM check_in"
        " WHERE undone_at IS NULL GROUP BY event_id, person_id)"
    )
    op.execute("DELETE FROM reservation WHERE counter_id IN (SELECT id FROM place_counter WHERE option IS NOT NULL)")
    op.execute("DELETE FROM place_counter WHERE option IS NOT NULL")
    op.execute(
        "UPDATE registration SET state = 'confirmed' WHERE state IN ('offered', 'pending')"
        " AND id IN (SELECT registration_id FROM reservation WHERE is_held)"
    )
    op.execute(
        "UPDATE registration SET state = 'withdrawn' WHERE state IN ('offered', 'pending', 'replaced', 'refused')"
    )
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_registration_known_state"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_registration_state"), "state IN ('confirmed', 'waiting', 'withdrawn')"
        )
    with op.batch_alter_table("place_counter", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_place_counter_one_resource"), type_="check")
        batch_op.drop_index("uq_place_counter_event_itself")
        batch_op.create_index(
            "uq_place_counter_event_itself",
            ["event_id"],
            unique=True,
            sqlite_where=sa.text("session_id IS NULL"),
            postgresql_where=sa.text("session_id IS NULL"),
        )

    with op.batch_alter_table("registration_plan", schema=None) as batch_op:
        batch_op.drop_column("substitutes_approved")
        batch_op.drop_column("substitutes")
        batch_op.drop_column("reconfirm_hours")
        batch_op.drop_column("changes_until")
        batch_op.drop_column("pending_holds")
        batch_op.drop_column("approval_days")
        batch_op.drop_column("approver")
        batch_op.drop_column("offer_hours")
        batch_op.drop_column("opens_at")

    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_registration_instead_of_id_person"), type_="foreignkey")
        batch_op.drop_column("instead_of_id")
        batch_op.drop_column("reconfirm_until")
        batch_op.drop_column("skipped")
        batch_op.drop_column("offer_until")

    with op.batch_alter_table("place_counter", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_place_counter_event_id_option"), type_="unique")
        batch_op.drop_column("name_local")
        batch_op.drop_column("name")
        batch_op.drop_column("option")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("has_assistants")

    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_message_bundle"))
        batch_op.drop_column("bundle")

    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_invitation_instead_of_id_person"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_invitation_instead_of_id"))
        batch_op.drop_column("reminders")
        batch_op.drop_column("reminded_at")
        batch_op.drop_column("instead_of_id")
        batch_op.drop_column("maybe_until")
        batch_op.drop_column("excuse")

    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_check_in_device_id_door_device"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_check_in_point_id_door_point"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_check_in_scan_id"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_check_in_event_id_at"))
        batch_op.drop_index(
            "uq_check_in_standing",
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )
        batch_op.create_index(
            batch_op.f("uq_check_in_standing"),
            ["event_id", "person_id"],
            unique=1,
            sqlite_where=sa.text("undone_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_check_in_event_id"), ["event_id"], unique=False)
        batch_op.drop_column("undo_reason")
        batch_op.drop_column("scan_id")
        batch_op.drop_column("device_id")
        batch_op.drop_column("direction")
        batch_op.drop_column("slot")
        batch_op.drop_column("point_id")

    with op.batch_alter_table("refused_scan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refused_scan_event_id"))

    op.drop_table("refused_scan")
    with op.batch_alter_table("door_device", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_door_device_event_id"))

    op.drop_table("door_device")
    with op.batch_alter_table("substitution", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_substitution_standing",
            sqlite_where=sa.text("state IN ('asked', 'accepted')"),
            postgresql_where=sa.text("state IN ('asked', 'accepted')"),
        )
        batch_op.drop_index(batch_op.f("ix_substitution_to_person_id"))
        batch_op.drop_index(batch_op.f("ix_substitution_event_id"))
        batch_op.drop_index(batch_op.f("ix_substitution_approver_id"))

    op.drop_table("substitution")
    with op.batch_alter_table("printed", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printed_registration_id"))
        batch_op.drop_index(batch_op.f("ix_printed_event_id"))

    op.drop_table("printed")
    with op.batch_alter_table("invitation_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_answer_invitation_id"))

    op.drop_table("invitation_answer")
    with op.batch_alter_table("door_point", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_door_point_arrival",
            sqlite_where=sa.text("kind = 'arrival'"),
            postgresql_where=sa.text("kind = 'arrival'"),
        )
        batch_op.drop_index(batch_op.f("ix_door_point_event_id_position"))

    op.drop_table("door_point")
    with op.batch_alter_table("change_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_change_request_registration_id"))
        batch_op.drop_index(batch_op.f("ix_change_request_event_id_state"))

    op.drop_table("change_request")
    with op.batch_alter_table("batch_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batch_member_registration_id"))
        batch_op.drop_index(batch_op.f("ix_batch_member_batch_id"))

    op.drop_table("batch_member")
    with op.batch_alter_table("attendance_mark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendance_mark_person_id"))
        batch_op.drop_index(batch_op.f("ix_attendance_mark_event_id_span"))

    op.drop_table("attendance_mark")
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_approval_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index(batch_op.f("ix_approval_event_id_state"))
        batch_op.drop_index(batch_op.f("ix_approval_approver_id"))

    op.drop_table("approval")
    with op.batch_alter_table("answer_sheet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_sheet_form_id"))

    op.drop_table("answer_sheet")
    with op.batch_alter_table("answer_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_file_registration_id"))

    op.drop_table("answer_file")
    with op.batch_alter_table("group_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_member_person_id"))

    op.drop_table("group_member")
    with op.batch_alter_table("ended_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ended_code_person_id"))
        batch_op.drop_index(batch_op.f("ix_ended_code_event_id"))

    op.drop_table("ended_code")
    with op.batch_alter_table("assistantship", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assistantship_principal_id"))
        batch_op.drop_index(batch_op.f("ix_assistantship_assistant_id"))

    op.drop_table("assistantship")
    op.drop_table("sign_in_sheet")
    op.drop_table("reminder_plan")
    op.drop_table("question_form")
    with op.batch_alter_table("print_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_run_event_id"))

    op.drop_table("print_run")
    with op.batch_alter_table("mailing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailing_event_id"))

    op.drop_table("mailing")
    with op.batch_alter_table("invitee_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitee_rule_event_id"))

    op.drop_table("invitee_rule")
    op.drop_table("form_version")
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batch_event_id"))

    op.drop_table("batch")
    op.drop_table("badge_layout")
    op.drop_table("person_group")
