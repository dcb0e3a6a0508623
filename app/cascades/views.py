"""The URLs of cascades."""

from flask import Blueprint

blueprint = Blueprint("cascades", __name__)
