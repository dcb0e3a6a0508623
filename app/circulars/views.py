"""The URLs of circulars."""

from flask import Blueprint

blueprint = Blueprint("circulars", __name__)
