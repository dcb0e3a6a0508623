"""ceremonies

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


REFUSE = "audit_entry is append-only"


def _guard_the_log():
    """What is written into the log stays: a second fence behind the hash chain. Whoever takes it away leaves a trace."""
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_entry_no_{deed.lower()} BEFORE {deed} ON audit_entry "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSE}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSE}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_stays()"
    )
    op.execute(
        "CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_stays()"
    )


def _back():
    """What the release before does not know: recipients from outside, and the two new states of a pledge."""
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_entry_no_{deed}")
    else:
        op.execute("DROP TRIGGER audit_entry_no_change ON audit_entry")
        op.execute("DROP TRIGGER audit_entry_no_truncate ON audit_entry")
        op.execute("DROP FUNCTION audit_entry_stays()")
    op.execute("DELETE FROM award_recipient WHERE outside_name IS NOT NULL")
    op.execute("UPDATE pledge SET state = 'void' WHERE state = 'superseded'")
    op.execute("UPDATE pledge SET state = 'assessed' WHERE state = 'appealed'")


def upgrade() -> None:

    op.create_table(
        "checkpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("tree", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint("ref", name=op.f("uq_checkpoint_ref")),
        sa.UniqueConstraint("seq", name=op.f("uq_checkpoint_seq")),
    )
    op.create_table(
        "pledge_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_local", sa.String(length=200), nullable=True),
        sa.Column("clauses", sa.JSON(), nullable=False),
        sa.Column("reward", sa.Text(), nullable=True),
        sa.Column("reward_local", sa.Text(), nullable=True),
        sa.Column("penalty", sa.Text(), nullable=True),
        sa.Column("penalty_local", sa.Text(), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("is_ordered", sa.Boolean(), nullable=False),
        sa.Column("evidence_months", sa.Integer(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_template")),
        sa.UniqueConstraint("ref", name=op.f("uq_pledge_template_ref")),
    )
    op.create_table(
        "consent_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_local", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["published_by_id"],
            ["account.id"],
            name=op.f("fk_consent_text_published_by_id_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_text")),
        sa.UniqueConstraint("number", name=op.f("uq_consent_text_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_consent_text_ref")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("credential", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_passkey_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential", name=op.f("uq_passkey_credential")),
        sa.UniqueConstraint("ref", name=op.f("uq_passkey_ref")),
    )
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkey_account_id"), ["account_id"], unique=False)

    op.create_table(
        "proof_challenge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_proof_challenge_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_challenge")),
        sa.UniqueConstraint("digest", name=op.f("uq_proof_challenge_digest")),
        sa.UniqueConstraint("ref", name=op.f("uq_proof_challenge_ref")),
    )
    with op.batch_alter_table("proof_challenge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proof_challenge_account_id"), ["account_id"], unique=False)

    op.create_table(
        "time_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_time_code_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_code")),
        sa.UniqueConstraint("account_id", name=op.f("uq_time_code_account_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_time_code_ref")),
    )
    op.create_table(
        "award_category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_local", sa.String(length=200), nullable=True),
        sa.Column("nominee", sa.String(length=8), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=True),
        sa.Column("criteria_local", sa.Text(), nullable=True),
        sa.Column("eligibility", sa.Text(), nullable=True),
        sa.Column("eligibility_local", sa.Text(), nullable=True),
        sa.Column("winners_most", sa.Integer(), nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_award_category_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_category")),
        sa.UniqueConstraint("ref", name=op.f("uq_award_category_ref")),
    )
    with op.batch_alter_table("award_category", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_category_event_id"), ["event_id"], unique=False)

    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("issuer_id", sa.Integer(), nullable=True),
        sa.Column("pem", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_reason", sa.String(length=200), nullable=True),
        sa.Column("identity_checked", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["certificate.id"], name=op.f("fk_certificate_issuer_id_certificate")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_certificate_fingerprint")),
        sa.UniqueConstraint("ref", name=op.f("uq_certificate_ref")),
        sa.UniqueConstraint("serial", name=op.f("uq_certificate_serial")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_person_id"), ["person_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id_person")),
        sa.ForeignKeyConstraint(["text_id"], ["consent_text.id"], name=op.f("fk_consent_text_id_consent_text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("person_id", "text_id", "given_at", name=op.f("uq_consent_person_id_text_id_given_at")),
        sa.UniqueConstraint("ref", name=op.f("uq_consent_ref")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_text_id"), ["text_id"], unique=False)

    op.create_table(
        "custody_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("object_kind", sa.String(length=12), nullable=False),
        sa.Column("object_ref", sa.String(length=16), nullable=False),
        sa.Column("object_name", sa.String(length=300), nullable=False),
        sa.Column("object_name_local", sa.String(length=300), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("from_name", sa.String(length=200), nullable=True),
        sa.Column("to_name", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("photo_id", sa.Integer(), nullable=True),
        sa.Column("from_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("from_confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("to_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("to_confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["account.id"], name=op.f("fk_custody_event_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_custody_event_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["from_confirmed_by_id"],
            ["account.id"],
            name=op.f("fk_custody_event_from_confirmed_by_id_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["from_id"], ["person.id"], name=op.f("fk_custody_event_from_id_person")),
        sa.ForeignKeyConstraint(["photo_id"], ["stored_file.id"], name=op.f("fk_custody_event_photo_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["to_confirmed_by_id"],
            ["account.id"],
            name=op.f("fk_custody_event_to_confirmed_by_id_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_custody_event_to_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_event")),
        sa.UniqueConstraint("ref", name=op.f("uq_custody_event_ref")),
    )
    with op.batch_alter_table("custody_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_custody_event_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_custody_event_from_id"), ["from_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_custody_event_object_kind_object_ref"), ["object_kind", "object_ref"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_custody_event_to_id"), ["to_id"], unique=False)

    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("deputy_id <> principal_id", name=op.f("ck_delegation_two_people")),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name=op.f("fk_delegation_deputy_id_person")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_delegation_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_delegation_file_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["account.id"], name=op.f("fk_delegation_granted_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["principal_id"], ["person.id"], name=op.f("fk_delegation_principal_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sa.UniqueConstraint("ref", name=op.f("uq_delegation_ref")),
    )
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delegation_deputy_id"), ["deputy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delegation_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delegation_principal_id"), ["principal_id"], unique=False)

    op.create_table(
        "document_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("pdf_hash", sa.String(length=64), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("subject_ref", sa.String(length=16), nullable=True),
        sa.Column("level", sa.String(length=5), nullable=False),
        sa.Column("certificate", sa.String(length=64), nullable=False),
        sa.Column("audit_head", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["issued_document.id"],
            name=op.f("fk_document_revision_document_id_issued_document"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_document_revision_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_revision")),
        sa.UniqueConstraint("document_id", "number", name=op.f("uq_document_revision_document_id_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_document_revision_ref")),
    )
    with op.batch_alter_table("document_revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_revision_pdf_hash"), ["pdf_hash"], unique=False)

    op.create_table(
        "juror",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["award_category.id"], name=op.f("fk_juror_category_id_award_category"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_juror_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror")),
        sa.UniqueConstraint("category_id", "person_id", name=op.f("uq_juror_category_id_person_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_juror_ref")),
    )
    with op.batch_alter_table("juror", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_juror_person_id"), ["person_id"], unique=False)

    op.create_table(
        "nomination",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("outside_name", sa.String(length=200), nullable=True),
        sa.Column("outside_name_local", sa.String(length=200), nullable=True),
        sa.Column("outside_organization", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN team_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN outside_name IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_nomination_one_nominee"),
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["award_category.id"],
            name=op.f("fk_nomination_category_id_award_category"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_nomination_person_id_person")),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["account.id"], name=op.f("fk_nomination_proposed_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_nomination_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nomination")),
        sa.UniqueConstraint("ref", name=op.f("uq_nomination_ref")),
    )
    with op.batch_alter_table("nomination", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nomination_category_id"), ["category_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_nomination_proposed_by_id"), ["proposed_by_id"], unique=False)

    op.create_table(
        "juror_score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("juror_id", sa.Integer(), nullable=False),
        sa.Column("nomination_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name=op.f("ck_juror_score_score_in_range")),
        sa.ForeignKeyConstraint(
            ["juror_id"], ["juror.id"], name=op.f("fk_juror_score_juror_id_juror"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["nomination_id"],
            ["nomination.id"],
            name=op.f("fk_juror_score_nomination_id_nomination"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_score")),
        sa.UniqueConstraint("juror_id", "nomination_id", name=op.f("uq_juror_score_juror_id_nomination_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_juror_score_ref")),
    )
    with op.batch_alter_table("juror_score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_juror_score_nomination_id"), ["nomination_id"], unique=False)

    op.create_table(
        "nomination_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("nomination_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_nomination_evidence_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["nomination_id"],
            ["nomination.id"],
            name=op.f("fk_nomination_evidence_nomination_id_nomination"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nomination_evidence")),
        sa.UniqueConstraint("ref", name=op.f("uq_nomination_evidence_ref")),
    )
    with op.batch_alter_table("nomination_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nomination_evidence_nomination_id"), ["nomination_id"], unique=False)

    op.create_table(
        "recusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("juror_id", sa.Integer(), nullable=False),
        sa.Column("nomination_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["juror_id"], ["juror.id"], name=op.f("fk_recusal_juror_id_juror"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["nomination_id"], ["nomination.id"], name=op.f("fk_recusal_nomination_id_nomination"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal")),
        sa.UniqueConstraint("juror_id", "nomination_id", name=op.f("uq_recusal_juror_id_nomination_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_recusal_ref")),
    )
    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recusal_nomination_id"), ["nomination_id"], unique=False)

    op.create_table(
        "revocation_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["certificate.id"], name=op.f("fk_revocation_list_issuer_id_certificate"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation_list")),
        sa.UniqueConstraint("ref", name=op.f("uq_revocation_list_ref")),
    )
    with op.batch_alter_table("revocation_list", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revocation_list_issuer_id"), ["issuer_id"], unique=False)

    op.create_table(
        "run_of_show",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_local", sa.String(length=200), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("precedence", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_run_of_show_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_run_of_show_session_id_session"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_of_show")),
        sa.UniqueConstraint("ref", name=op.f("uq_run_of_show_ref")),
    )
    with op.batch_alter_table("run_of_show", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_of_show_event_id"), ["event_id"], unique=False)

    op.create_table(
        "show_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("show_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("published_by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["published_by_id"],
            ["account.id"],
            name=op.f("fk_show_version_published_by_id_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["show_id"], ["run_of_show.id"], name=op.f("fk_show_version_show_id_run_of_show"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_show_version")),
        sa.UniqueConstraint("ref", name=op.f("uq_show_version_ref")),
        sa.UniqueConstraint("show_id", "number", name=op.f("uq_show_version_show_id_number")),
    )
    op.create_table(
        "ceremony_photograph",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("ceremony_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("caption", sa.String(length=300), nullable=True),
        sa.Column("caption_local", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ceremony_id"],
            ["ceremony.id"],
            name=op.f("fk_ceremony_photograph_ceremony_id_ceremony"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_ceremony_photograph_file_id_stored_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ceremony_photograph")),
        sa.UniqueConstraint("ref", name=op.f("uq_ceremony_photograph_ref")),
    )
    with op.batch_alter_table("ceremony_photograph", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ceremony_photograph_ceremony_id"), ["ceremony_id"], unique=False)

    op.create_table(
        "tally",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("ceremony_id", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("inscription", sa.String(length=200), nullable=False),
        sa.Column("inscription_local", sa.String(length=200), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_local", sa.Text(), nullable=True),
        sa.Column("threshold", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("conferred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conferred_by_name", sa.String(length=200), nullable=True),
        sa.Column("conferred_outside", sa.Text(), nullable=True),
        sa.Column("cue_ref", sa.String(length=16), nullable=True),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recast_of_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_tally_campaign_id_campaign")),
        sa.ForeignKeyConstraint(
            ["ceremony_id"], ["ceremony.id"], name=op.f("fk_tally_ceremony_id_ceremony"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_tally_event_id_event"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["recast_of_id"], ["tally.id"], name=op.f("fk_tally_recast_of_id_tally"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally")),
        sa.UniqueConstraint("label", name=op.f("uq_tally_label")),
        sa.UniqueConstraint("ref", name=op.f("uq_tally_ref")),
    )
    with op.batch_alter_table("tally", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tally_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tally_event_id"), ["event_id"], unique=False)

    op.create_table(
        "tally_half",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("tally_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=True),
        sa.Column("holder_title", sa.String(length=200), nullable=True),
        sa.Column("commitment", sa.String(length=64), nullable=True),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["person.id"], name=op.f("fk_tally_half_holder_id_person")),
        sa.ForeignKeyConstraint(
            ["tally_id"], ["tally.id"], name=op.f("fk_tally_half_tally_id_tally"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally_half")),
        sa.UniqueConstraint("ref", name=op.f("uq_tally_half_ref")),
        sa.UniqueConstraint("tally_id", "side", name=op.f("uq_tally_half_tally_id_side")),
    )
    with op.batch_alter_table("tally_half", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tally_half_holder_id"), ["holder_id"], unique=False)

    op.create_table(
        "pledge_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("pledge_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("figure", sa.String(length=60), nullable=True),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["account.id"], name=op.f("fk_pledge_evidence_by_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_pledge_evidence_file_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["pledge.id"], name=op.f("fk_pledge_evidence_pledge_id_pledge"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_evidence")),
        sa.UniqueConstraint("ref", name=op.f("uq_pledge_evidence_ref")),
    )
    with op.batch_alter_table("pledge_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pledge_evidence_pledge_id"), ["pledge_id"], unique=False)

    op.create_table(
        "cue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("show_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=10), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_local", sa.String(length=200), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("on_stage", sa.Text(), nullable=True),
        sa.Column("stage_position", sa.String(length=200), nullable=True),
        sa.Column("script", sa.Text(), nullable=True),
        sa.Column("script_local", sa.Text(), nullable=True),
        sa.Column("sound", sa.Text(), nullable=True),
        sa.Column("light", sa.Text(), nullable=True),
        sa.Column("screen", sa.Text(), nullable=True),
        sa.Column("props", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner_name", sa.String(length=200), nullable=True),
        sa.Column("pronunciation", sa.String(length=200), nullable=True),
        sa.Column("rehearsed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rehearsed_by_name", sa.String(length=200), nullable=True),
        sa.Column("ceremony_id", sa.Integer(), nullable=True),
        sa.Column("pledge_id", sa.Integer(), nullable=True),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("tally_id", sa.Integer(), nullable=True),
        sa.Column("award_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skip_reason", sa.Text(), nullable=True),
        sa.Column("can_be_cut", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_cue_minutes_not_negative")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_cue_award_id_award"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["ceremony_id"], ["ceremony.id"], name=op.f("fk_cue_ceremony_id_ceremony"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_cue_owner_id_person")),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["pledge.id"], name=op.f("fk_cue_pledge_id_pledge"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["show_id"], ["run_of_show.id"], name=op.f("fk_cue_show_id_run_of_show"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["signature_slot.id"], name=op.f("fk_cue_slot_id_signature_slot"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tally_id"], ["tally.id"], name=op.f("fk_cue_tally_id_tally"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cue")),
        sa.UniqueConstraint("ref", name=op.f("uq_cue_ref")),
        sa.UniqueConstraint("show_id", "number", name=op.f("uq_cue_show_id_number")),
    )
    op.create_table(
        "stage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("show_id", sa.Integer(), nullable=False),
        sa.Column("cue_id", sa.Integer(), nullable=True),
        sa.Column("picture", sa.Integer(), nullable=False),
        sa.Column("is_blank", sa.Boolean(), nullable=False),
        sa.Column("is_rehearsal", sa.Boolean(), nullable=False),
        sa.Column("screen_token_hash", sa.String(length=64), nullable=True),
        sa.Column("screen_turn", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cue_id"], ["cue.id"], name=op.f("fk_stage_cue_id_cue"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["show_id"], ["run_of_show.id"], name=op.f("fk_stage_show_id_run_of_show"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sa.UniqueConstraint("ref", name=op.f("uq_stage_ref")),
        sa.UniqueConstraint("screen_token_hash", name=op.f("uq_stage_screen_token_hash")),
        sa.UniqueConstraint("show_id", name=op.f("uq_stage_show_id")),
    )
    op.create_table(
        "cue_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("cue_id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_cue_mark_by_id_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["cue_id"], ["cue.id"], name=op.f("fk_cue_mark_cue_id_cue"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["stage.id"], name=op.f("fk_cue_mark_stage_id_stage"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cue_mark")),
        sa.UniqueConstraint("ref", name=op.f("uq_cue_mark_ref")),
        sa.UniqueConstraint("stage_id", "entry", name=op.f("uq_cue_mark_stage_id_entry")),
    )
    with op.batch_alter_table("cue_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cue_mark_cue_id"), ["cue_id"], unique=False)

    op.create_table(
        "reveal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("cue_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_name", sa.String(length=200), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_by_name", sa.String(length=200), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_reveal_asked_by_id_account")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["account.id"], name=op.f("fk_reveal_confirmed_by_id_account")),
        sa.ForeignKeyConstraint(["cue_id"], ["cue.id"], name=op.f("fk_reveal_cue_id_cue"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_reveal_stage_id_stage"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveal")),
        sa.UniqueConstraint("ref", name=op.f("uq_reveal_ref")),
    )
    with op.batch_alter_table("reveal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reveal_cue_id"), ["cue_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reveal_stage_id"), ["stage_id"], unique=False)

    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.add_column(sa.Column("category_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("nomination_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("decided_by_name", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("cue_ref", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("conferred_outside", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("end", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("end_reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("document_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_award_category_id"), ["category_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_award_nomination_id_nomination"),
            "nomination",
            ["nomination_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_award_category_id_award_category"),
            "award_category",
            ["category_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_award_document_id_issued_document"),
            "issued_document",
            ["document_id"],
            ["id"],
            ondelete="SET NULL",
        )

    with op.batch_alter_table("award_recipient", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outside_name", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("outside_name_local", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("outside_organization", sa.String(length=200), nullable=True))

        batch_op.drop_constraint(op.f("ck_award_recipient_person_or_team"), type_="check")
        batch_op.create_check_constraint(
            "one_recipient",
            "(CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN team_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN outside_name IS NULL THEN 0 ELSE 1 END) = 1",
        )

    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(sa.Column("needs_tally", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("issued_document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pack_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_issued_document_pack_id_stored_file"), "stored_file", ["pack_id"], ["id"]
        )

    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wording_note", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("template_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("is_ordered", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("assignment_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("sign_by", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("assessed_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("appeal_reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("appealed_by_name", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("appeal_decided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("appeal_decided_by_name", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("first_verdict", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("first_score", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("first_verdict_reason", sa.Text(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_pledge_assessed_by_id_account"), "account", ["assessed_by_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_pledge_assignment_id_assignment"),
            "assignment",
            ["assignment_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_pledge_template_id_pledge_template"),
            "pledge_template",
            ["template_id"],
            ["id"],
            ondelete="SET NULL",
        )

    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("delegation_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("consent_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("evidence", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("salt", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("mark_text", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("mark_file_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("cue_ref", sa.String(length=16), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_signature_delegation_id_delegation"), "delegation", ["delegation_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_signature_consent_id_consent"), "consent", ["consent_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_signature_mark_file_id_stored_file"), "stored_file", ["mark_file_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_signature_person_id_person"), "person", ["person_id"], ["id"])

    with op.batch_alter_table("signature_slot", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_opened_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reached_end_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reached_end_in", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("seconds_read", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("copy_sent_at", sa.DateTime(timezone=True), nullable=True))
    _guard_the_log()


def downgrade() -> None:
    _back()

    with op.batch_alter_table("signature_slot", schema=None) as batch_op:
        batch_op.drop_column("copy_sent_at")
        batch_op.drop_column("seconds_read")
        batch_op.drop_column("reached_end_in")
        batch_op.drop_column("reached_end_at")
        batch_op.drop_column("first_opened_at")

    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_signature_person_id_person"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_signature_mark_file_id_stored_file"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_signature_consent_id_consent"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_signature_delegation_id_delegation"), type_="foreignkey")
        batch_op.drop_column("cue_ref")
        batch_op.drop_column("mark_file_id")
        batch_op.drop_column("mark_text")
        batch_op.drop_column("salt")
        batch_op.drop_column("evidence")
        batch_op.drop_column("consent_id")
        batch_op.drop_column("delegation_id")
        batch_op.drop_column("person_id")

    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_pledge_template_id_pledge_template"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_pledge_assignment_id_assignment"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_pledge_assessed_by_id_account"), type_="foreignkey")
        batch_op.drop_column("first_verdict_reason")
        batch_op.drop_column("first_score")
        batch_op.drop_column("first_verdict")
        batch_op.drop_column("appeal_decided_by_name")
        batch_op.drop_column("appeal_decided_at")
        batch_op.drop_column("appealed_by_name")
        batch_op.drop_column("appeal_reason")
        batch_op.drop_column("appealed_at")
        batch_op.drop_column("assessed_by_id")
        batch_op.drop_column("superseded_at")
        batch_op.drop_column("sign_by")
        batch_op.drop_column("assignment_id")
        batch_op.drop_column("is_ordered")
        batch_op.drop_column("template_id")
        batch_op.drop_column("wording_note")

    with op.batch_alter_table("issued_document", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_issued_document_pack_id_stored_file"), type_="foreignkey")
        batch_op.drop_column("pack_id")

    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_column("needs_tally")

    with op.batch_alter_table("award_recipient", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_award_recipient_one_recipient"), type_="check")
        batch_op.drop_column("outside_organization")
        batch_op.drop_column("outside_name_local")
        batch_op.drop_column("outside_name")
        batch_op.create_check_constraint("person_or_team", "(person_id IS NULL) <> (team_id IS NULL)")

    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_award_document_id_issued_document"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_award_category_id_award_category"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_award_nomination_id_nomination"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_award_category_id"))
        batch_op.drop_column("document_id")
        batch_op.drop_column("end_reason")
        batch_op.drop_column("ended_at")
        batch_op.drop_column("end")
        batch_op.drop_column("conferred_outside")
        batch_op.drop_column("cue_ref")
        batch_op.drop_column("decided_by_name")
        batch_op.drop_column("decided_at")
        batch_op.drop_column("nomination_id")
        batch_op.drop_column("category_id")

    with op.batch_alter_table("reveal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reveal_stage_id"))
        batch_op.drop_index(batch_op.f("ix_reveal_cue_id"))

    op.drop_table("reveal")
    with op.batch_alter_table("cue_mark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cue_mark_cue_id"))

    op.drop_table("cue_mark")
    op.drop_table("stage")
    op.drop_table("cue")
    with op.batch_alter_table("pledge_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pledge_evidence_pledge_id"))

    op.drop_table("pledge_evidence")
    with op.batch_alter_table("tally_half", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tally_half_holder_id"))

    op.drop_table("tally_half")
    with op.batch_alter_table("tally", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tally_event_id"))
        batch_op.drop_index(batch_op.f("ix_tally_campaign_id"))

    op.drop_table("tally")
    with op.batch_alter_table("ceremony_photograph", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ceremony_photograph_ceremony_id"))

    op.drop_table("ceremony_photograph")
    op.drop_table("show_version")
    with op.batch_alter_table("run_of_show", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_run_of_show_event_id"))

    op.drop_table("run_of_show")
    with op.batch_alter_table("revocation_list", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_revocation_list_issuer_id"))

    op.drop_table("revocation_list")
    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recusal_nomination_id"))

    op.drop_table("recusal")
    with op.batch_alter_table("nomination_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_nomination_evidence_nomination_id"))

    op.drop_table("nomination_evidence")
    with op.batch_alter_table("juror_score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_juror_score_nomination_id"))

    op.drop_table("juror_score")
    with op.batch_alter_table("nomination", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_nomination_proposed_by_id"))
        batch_op.drop_index(batch_op.f("ix_nomination_category_id"))

    op.drop_table("nomination")
    with op.batch_alter_table("juror", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_juror_person_id"))

    op.drop_table("juror")
    with op.batch_alter_table("document_revision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_revision_pdf_hash"))

    op.drop_table("document_revision")
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delegation_principal_id"))
        batch_op.drop_index(batch_op.f("ix_delegation_event_id"))
        batch_op.drop_index(batch_op.f("ix_delegation_deputy_id"))

    op.drop_table("delegation")
    with op.batch_alter_table("custody_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_custody_event_to_id"))
        batch_op.drop_index(batch_op.f("ix_custody_event_object_kind_object_ref"))
        batch_op.drop_index(batch_op.f("ix_custody_event_from_id"))
        batch_op.drop_index(batch_op.f("ix_custody_event_event_id"))

    op.drop_table("custody_event")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_text_id"))

    op.drop_table("consent")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_person_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_kind"))

    op.drop_table("certificate")
    with op.batch_alter_table("award_category", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_award_category_event_id"))

    op.drop_table("award_category")
    op.drop_table("time_code")
    with op.batch_alter_table("proof_challenge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proof_challenge_account_id"))

    op.drop_table("proof_challenge")
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_passkey_account_id"))

    op.drop_table("passkey")
    op.drop_table("consent_text")
    op.drop_table("pledge_template")
    op.drop_table("checkpoint")
