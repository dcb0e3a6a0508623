"""The pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("mailings", __name__)
