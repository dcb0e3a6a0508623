"""The URLs of editions."""

from flask import Blueprint

blueprint = Blueprint("editions", __name__)
