"""The URLs of carryovers."""

from flask import Blueprint

blueprint = Blueprint("carryovers", __name__)
