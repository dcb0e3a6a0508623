"""The URLs of lineage."""

from flask import Blueprint

blueprint = Blueprint("lineage", __name__)
