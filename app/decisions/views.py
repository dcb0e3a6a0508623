"""The URLs of what a session decided."""

from flask import Blueprint

blueprint = Blueprint("decisions", __name__)
