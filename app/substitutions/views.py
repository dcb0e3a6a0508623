"""The pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("substitutions", __name__)
