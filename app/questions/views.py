"""The pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("questions", __name__)
