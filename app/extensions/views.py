"""The URLs of extensions."""

from flask import Blueprint

blueprint = Blueprint("extensions", __name__)
