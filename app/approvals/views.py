"""The pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("approvals", __name__)
