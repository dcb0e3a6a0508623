"""The URLs of diary."""

from flask import Blueprint

blueprint = Blueprint("diary", __name__)
