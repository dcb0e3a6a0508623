"""The demonstration: what it shows (data/) and how it comes into an empty database."""
