"""The URLs of negotiations."""

from flask import Blueprint

blueprint = Blueprint("negotiations", __name__)
