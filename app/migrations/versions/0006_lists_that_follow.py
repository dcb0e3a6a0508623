"""lists of people that follow the record

Revision: 0006
Follows: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What stands in the lists of an earlier installation may have been written by hand: nothing of it is let go.
    with op.batch_alter_table("minutes_version", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "lists_by_hand", sa.JSON(), nullable=False, server_default='["present", "excused", "in_attendance"]'
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("minutes_version", schema=None) as batch_op:
        batch_op.drop_column("lists_by_hand")
