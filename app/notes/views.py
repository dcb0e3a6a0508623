"""The URLs of the live notes of a session."""

from flask import Blueprint

blueprint = Blueprint("notes", __name__)
