"""The URLs of speakers."""

from flask import Blueprint

blueprint = Blueprint("speakers", __name__)
