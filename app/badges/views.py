"""The pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("badges", __name__)
