"""The pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("assistants", __name__)
