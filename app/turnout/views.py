"""The pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("turnout", __name__)
