"""The pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("audiences", __name__)
