"""`python -m app.packs PACK`: the verifier by itself, for whoever has this program and no installation of it."""

from app.packs.command import verify

if __name__ == "__main__":
    verify()
