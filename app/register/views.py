"""The URLs of register."""

from flask import Blueprint

blueprint = Blueprint("register", __name__)
