"""requirements

Revision: 0004
Follows: 0003
"""

from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENTS = ("accepted_at", "last_report_at", "silent_from")
ONE_KIND = (
    "(CASE WHEN url IS NULL THEN 0 ELSE 1 END) + (CASE WHEN file_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN figure IS NULL THEN 0 ELSE 1 END) = 1"
)


def upgrade() -> None:

    op.create_table(
        "digest_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_round")),
        sa.UniqueConstraint("ref", name=op.f("uq_digest_round_ref")),
        sa.UniqueConstraint("zone", "on", name=op.f("uq_digest_round_zone_on")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_saved_view_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_saved_view_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_saved_view_account_id_name")),
        sa.UniqueConstraint("ref", name=op.f("uq_saved_view_ref")),
    )
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_view_event_id"), ["event_id"], unique=False)

    op.create_table(
        "urging_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("days_before", sa.Integer(), nullable=False),
        sa.Column("repeat_after", sa.Integer(), nullable=False),
        sa.Column("head_after", sa.Integer(), nullable=False),
        sa.Column("supervisor_after", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_urging_plan_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urging_plan")),
        sa.UniqueConstraint("event_id", name=op.f("uq_urging_plan_event_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_urging_plan_ref")),
    )
    op.create_table(
        "circular",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_local", sa.String(length=200), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=True),
        sa.Column("remarks_local", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_name", sa.String(length=200), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["issued_document.id"],
            name=op.f("fk_circular_document_id_issued_document"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_circular_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circular")),
        sa.UniqueConstraint("ref", name=op.f("uq_circular_ref")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_circular_year_number")),
    )
    with op.batch_alter_table("circular", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_circular_event_id"), ["event_id"], unique=False)

    op.create_table(
        "digest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_digest_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("person_id", "on", name=op.f("uq_digest_person_id_on")),
        sa.UniqueConstraint("ref", name=op.f("uq_digest_ref")),
    )
    op.create_table(
        "circular_reader",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("circular_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["circular_id"], ["circular.id"], name=op.f("fk_circular_reader_circular_id_circular"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_circular_reader_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circular_reader")),
        sa.UniqueConstraint("circular_id", "person_id", name=op.f("uq_circular_reader_circular_id_person_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_circular_reader_ref")),
    )
    with op.batch_alter_table("circular_reader", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_circular_reader_person_id"), ["person_id"], unique=False)

    op.create_table(
        "principle_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("requirement_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["requirement_id"],
            ["requirement.id"],
            name=op.f("fk_principle_review_requirement_id_requirement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_principle_review_session_id_session"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_principle_review")),
        sa.UniqueConstraint("ref", name=op.f("uq_principle_review_ref")),
    )
    with op.batch_alter_table("principle_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_principle_review_requirement_id"), ["requirement_id"], unique=False)

    op.create_table(
        "requirement_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("earlier_id", sa.Integer(), nullable=False),
        sa.Column("later_id", sa.Integer(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("earlier_id <> later_id", name=op.f("ck_requirement_link_two_requirements")),
        sa.ForeignKeyConstraint(
            ["earlier_id"],
            ["requirement.id"],
            name=op.f("fk_requirement_link_earlier_id_requirement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["later_id"], ["requirement.id"], name=op.f("fk_requirement_link_later_id_requirement"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement_link")),
        sa.UniqueConstraint("earlier_id", "later_id", name=op.f("uq_requirement_link_earlier_id_later_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_requirement_link_ref")),
    )
    with op.batch_alter_table("requirement_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_requirement_link_later_id"), ["later_id"], unique=False)

    op.create_table(
        "wording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("requirement_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(length=200), nullable=False),
        sa.Column("heading_local", sa.String(length=200), nullable=True),
        sa.Column("verbatim", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("summary_local", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["requirement_id"],
            ["requirement.id"],
            name=op.f("fk_wording_requirement_id_requirement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording")),
        sa.UniqueConstraint("ref", name=op.f("uq_wording_ref")),
        sa.UniqueConstraint("requirement_id", "edition", name=op.f("uq_wording_requirement_id_edition")),
    )
    op.create_table(
        "assignment_support",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_assignment_support_assignment_id_assignment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_assignment_support_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_support")),
        sa.UniqueConstraint(
            "assignment_id", "department_id", name=op.f("uq_assignment_support_assignment_id_department_id")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_assignment_support_ref")),
    )
    with op.batch_alter_table("assignment_support", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_support_department_id"), ["department_id"], unique=False)

    op.create_table(
        "carry_over",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("from_event_id", sa.Integer(), nullable=False),
        sa.Column("to_event_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=True),
        sa.Column("requirement_id", sa.Integer(), nullable=True),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("age", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_name", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(CASE WHEN assignment_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN requirement_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN campaign_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_carry_over_about_one"),
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_carry_over_assignment_id_assignment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_carry_over_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["from_event_id"], ["event.id"], name=op.f("fk_carry_over_from_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_item.id"], name=op.f("fk_carry_over_item_id_agenda_item"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["requirement_id"],
            ["requirement.id"],
            name=op.f("fk_carry_over_requirement_id_requirement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["to_event_id"], ["event.id"], name=op.f("fk_carry_over_to_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carry_over")),
        sa.UniqueConstraint("ref", name=op.f("uq_carry_over_ref")),
        sa.UniqueConstraint("to_event_id", "assignment_id", name=op.f("uq_carry_over_to_event_id_assignment_id")),
        sa.UniqueConstraint("to_event_id", "campaign_id", name=op.f("uq_carry_over_to_event_id_campaign_id")),
        sa.UniqueConstraint("to_event_id", "requirement_id", name=op.f("uq_carry_over_to_event_id_requirement_id")),
    )
    with op.batch_alter_table("carry_over", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_carry_over_assignment_id"), ["assignment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_carry_over_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_carry_over_from_event_id"), ["from_event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_carry_over_requirement_id"), ["requirement_id"], unique=False)

    op.create_table(
        "contributor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_contributor_assignment_id_assignment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contributor_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contributor")),
        sa.UniqueConstraint("assignment_id", "person_id", name=op.f("uq_contributor_assignment_id_person_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_contributor_ref")),
    )
    with op.batch_alter_table("contributor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contributor_person_id"), ["person_id"], unique=False)

    op.create_table(
        "counter_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("by_responsible", sa.Boolean(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("deliverable", sa.Text(), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("resources", sa.Text(), nullable=True),
        sa.Column("was", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_name", sa.String(length=200), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_counter_proposal_assignment_id_assignment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_proposal")),
        sa.UniqueConstraint("assignment_id", "round", name=op.f("uq_counter_proposal_assignment_id_round")),
        sa.UniqueConstraint("ref", name=op.f("uq_counter_proposal_ref")),
    )
    with op.batch_alter_table("counter_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_counter_proposal_assignment_id"), ["assignment_id"], unique=False)
        batch_op.create_index(
            "uq_counter_proposal_open",
            ["assignment_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_name", sa.String(length=200), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("was_due_on", sa.Date(), nullable=False),
        sa.Column("new_due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_name", sa.String(length=200), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_extension_assignment_id_assignment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
        sa.UniqueConstraint("ref", name=op.f("uq_extension_ref")),
    )
    with op.batch_alter_table("extension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_extension_assignment_id"), ["assignment_id"], unique=False)
        batch_op.create_index(
            "uq_extension_asked",
            ["assignment_id"],
            unique=True,
            sqlite_where=sa.text("state = 'asked'"),
            postgresql_where=sa.text("state = 'asked'"),
        )

    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("from_name", sa.String(length=200), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("to_name", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_transfer_assignment_id_assignment"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["from_id"], ["person.id"], name=op.f("fk_transfer_from_id_person")),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_transfer_to_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("ref", name=op.f("uq_transfer_ref")),
    )
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transfer_assignment_id"), ["assignment_id"], unique=False)

    op.create_table(
        "urge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_urge_assignment_id_assignment"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_urge_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urge")),
        sa.UniqueConstraint(
            "assignment_id", "person_id", "kind", "on", name=op.f("uq_urge_assignment_id_person_id_kind_on")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_urge_ref")),
    )
    with op.batch_alter_table("urge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_urge_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("answer_sheet", schema=None) as batch_op:
        batch_op.add_column(sa.Column("shown", sa.JSON(), nullable=True))

    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("resources", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("follow_up_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("cadence_days", sa.Integer(), nullable=False, server_default="30"))
        batch_op.add_column(sa.Column("handed_over_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("quality", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("closed_by_name", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("carry_count", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("percent", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("blocked_by", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("help_needed", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("silent_from", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_assignment_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_silent_from"), ["silent_from"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_assignment_handed_over_by_id_account"),
            "account",
            ["handed_over_by_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_assignment_parent_id_assignment"), "assignment", ["parent_id"], ["id"], ondelete="CASCADE"
        )

    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_evidence_link_or_file"), type_="check")
        batch_op.add_column(sa.Column("figure", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("reused_from_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_evidence_reused_from_id_evidence"),
            "evidence",
            ["reused_from_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_check_constraint(batch_op.f("ck_evidence_link_file_or_figure"), ONE_KIND)

    with op.batch_alter_table("passage", schema=None) as batch_op:
        batch_op.add_column(sa.Column("translation", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("line_id", sa.String(length=36), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_passage_speech_id_line_id"), ["speech_id", "line_id"])

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wants_news", sa.Boolean(), nullable=False, server_default=sa.true()))

    with op.batch_alter_table("progress_report", schema=None) as batch_op:
        batch_op.add_column(sa.Column("percent", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("help_needed", sa.Text(), nullable=True))
        batch_op.alter_column("confidence", existing_type=sa.INTEGER(), nullable=True)

    with op.batch_alter_table("requirement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wording", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("review_months", sa.Integer(), nullable=False, server_default="12"))
        batch_op.add_column(sa.Column("review_due_on", sa.Date(), nullable=True))
        batch_op.create_index(batch_op.f("ix_requirement_review_due_on"), ["review_due_on"], unique=False)

    with op.batch_alter_table("speech", schema=None) as batch_op:
        batch_op.add_column(sa.Column("translation_language", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("delegate_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("confirmed_by_name", sa.String(length=200), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_speech_delegate_id_person"), "person", ["delegate_id"], ["id"])

    # Who is under way turns silent thirty days after the last word, as until now.
    assignment = sa.table(
        "assignment", *(sa.column(name, sa.DateTime(timezone=True)) for name in MOMENTS), sa.column("id")
    )
    heard = sa.func.coalesce(assignment.c.last_report_at, assignment.c.accepted_at)
    connection = op.get_bind()
    for key, moment in connection.execute(sa.select(assignment.c.id, heard)).all():
        if moment is not None:
            found = assignment.update().where(assignment.c.id == key)
            connection.execute(found.values(silent_from=moment + timedelta(days=30)))
    op.execute("UPDATE assignment SET cancelled_at = changed_at WHERE state = 'cancelled'")
    # A principle was reviewed once a year until now; without a review the year began with the gathering.
    requirement = sa.table(
        "requirement",
        *(sa.column(name) for name in ("id", "event_id", "state")),
        sa.column("reviewed_on", sa.Date()),
        sa.column("review_due_on", sa.Date()),
    )
    event = sa.table("event", sa.column("id"), sa.column("starts_on", sa.Date()))
    begun = sa.func.coalesce(requirement.c.reviewed_on, event.c.starts_on, type_=sa.Date())
    periodic = sa.select(requirement.c.id, begun).where(
        requirement.c.event_id == event.c.id, requirement.c.state == "periodic"
    )
    for key, day in connection.execute(periodic).all():
        found = requirement.update().where(requirement.c.id == key)
        connection.execute(found.values(review_due_on=date(day.year + 1, day.month, min(day.day, 28))))


def downgrade() -> None:
    # The release before knows no negotiation, no figures as evidence, and no report without a confidence.
    op.execute("UPDATE assignment SET state = 'assigned' WHERE state = 'negotiating'")
    op.execute("DELETE FROM evidence WHERE figure IS NOT NULL")
    op.execute("DELETE FROM progress_report WHERE confidence IS NULL")

    with op.batch_alter_table("speech", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_speech_delegate_id_person"), type_="foreignkey")
        batch_op.drop_column("confirmed_by_name")
        batch_op.drop_column("delegate_id")
        batch_op.drop_column("translation_language")

    with op.batch_alter_table("requirement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_requirement_review_due_on"))
        batch_op.drop_column("review_due_on")
        batch_op.drop_column("review_months")
        batch_op.drop_column("wording")

    with op.batch_alter_table("progress_report", schema=None) as batch_op:
        batch_op.alter_column("confidence", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("help_needed")
        batch_op.drop_column("percent")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("wants_news")

    with op.batch_alter_table("passage", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_passage_speech_id_line_id"), type_="unique")
        batch_op.drop_column("line_id")
        batch_op.drop_column("translation")

    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_evidence_link_file_or_figure"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_evidence_link_or_file"), "(url IS NULL) <> (file_id IS NULL)")
        batch_op.drop_constraint(batch_op.f("fk_evidence_reused_from_id_evidence"), type_="foreignkey")
        batch_op.drop_column("reused_from_id")
        batch_op.drop_column("figure")

    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_assignment_parent_id_assignment"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_assignment_handed_over_by_id_account"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_assignment_silent_from"))
        batch_op.drop_index(batch_op.f("ix_assignment_parent_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_department_id"))
        batch_op.drop_column("silent_from")
        batch_op.drop_column("help_needed")
        batch_op.drop_column("blocked_by")
        batch_op.drop_column("percent")
        batch_op.drop_column("carry_count")
        batch_op.drop_column("cancelled_at")
        batch_op.drop_column("closed_by_name")
        batch_op.drop_column("quality")
        batch_op.drop_column("handed_over_by_id")
        batch_op.drop_column("cadence_days")
        batch_op.drop_column("follow_up_on")
        batch_op.drop_column("resources")
        batch_op.drop_column("parent_id")

    with op.batch_alter_table("answer_sheet", schema=None) as batch_op:
        batch_op.drop_column("shown")

    with op.batch_alter_table("urge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_urge_person_id"))

    op.drop_table("urge")
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transfer_assignment_id"))

    op.drop_table("transfer")
    with op.batch_alter_table("extension", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_extension_asked", sqlite_where=sa.text("state = 'asked'"), postgresql_where=sa.text("state = 'asked'")
        )
        batch_op.drop_index(batch_op.f("ix_extension_assignment_id"))

    op.drop_table("extension")
    with op.batch_alter_table("counter_proposal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_counter_proposal_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(batch_op.f("ix_counter_proposal_assignment_id"))

    op.drop_table("counter_proposal")
    with op.batch_alter_table("contributor", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contributor_person_id"))

    op.drop_table("contributor")
    with op.batch_alter_table("carry_over", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_carry_over_requirement_id"))
        batch_op.drop_index(batch_op.f("ix_carry_over_from_event_id"))
        batch_op.drop_index(batch_op.f("ix_carry_over_campaign_id"))
        batch_op.drop_index(batch_op.f("ix_carry_over_assignment_id"))

    op.drop_table("carry_over")
    with op.batch_alter_table("assignment_support", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_support_department_id"))

    op.drop_table("assignment_support")
    op.drop_table("wording")
    with op.batch_alter_table("requirement_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_requirement_link_later_id"))

    op.drop_table("requirement_link")
    with op.batch_alter_table("principle_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_principle_review_requirement_id"))

    op.drop_table("principle_review")
    with op.batch_alter_table("circular_reader", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_circular_reader_person_id"))

    op.drop_table("circular_reader")
    op.drop_table("digest")
    with op.batch_alter_table("circular", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_circular_event_id"))

    op.drop_table("circular")
    op.drop_table("urging_plan")
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_view_event_id"))

    op.drop_table("saved_view")
    op.drop_table("digest_round")
