"""The URLs of releases."""

from flask import Blueprint

blueprint = Blueprint("releases", __name__)
