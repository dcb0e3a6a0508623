"""The URLs of liveday."""

from flask import Blueprint

blueprint = Blueprint("liveday", __name__)
