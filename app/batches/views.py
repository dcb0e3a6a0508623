"""The pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("batches", __name__)
