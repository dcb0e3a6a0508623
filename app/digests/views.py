"""The URLs of digests."""

from flask import Blueprint

blueprint = Blueprint("digests", __name__)
