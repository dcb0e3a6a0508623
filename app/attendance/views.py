"""The pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("attendance", __name__)
