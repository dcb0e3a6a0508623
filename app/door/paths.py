"""The blueprint of the door: its pages inside the event, and the scanner, which phones without an account open too."""

from flask import Blueprint

blueprint = Blueprint("door", __name__)

EVENT = "/events/<ref:event_ref>/door"
SCANNER = "/door"
