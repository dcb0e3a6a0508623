"""The URLs of handouts."""

from flask import Blueprint

blueprint = Blueprint("handouts", __name__)
