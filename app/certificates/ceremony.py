"""The script of the ceremony in which a root is made: printed, followed, filled in by hand and kept on paper."""

from textwrap import dedent

from app.certificates.models import Certificate
from app.signing.canonical import grouped


def script(root: Certificate, *, key_file: str, organization: str) -> str:
    """The words for the people around the table. What happened already stands there filled in."""
    return dedent(
        f"""\
        MAKING OF THE ROOT CERTIFICATE
        {organization}

        Root            {root.subject}
        Serial number   {root.serial}
        Valid           {root.valid_from:%Y-%m-%d} to {root.valid_to:%Y-%m-%d}
        Fingerprint     {grouped(root.fingerprint)[:39]}
        (SHA-256)       {grouped(root.fingerprint)[40:]}
        Key file        {key_file}

        Present (name, role, signature)
          1. keeper of the key       ______________________________________________
          2. keeper of the passphrase______________________________________________
          3. witness                 ______________________________________________

        [ ] 1. The three are alone in the room; the machine's network is unplugged.
        [ ] 2. "hufu ca init --root-key <removable medium>" was run; the passphrase was typed by keeper 2 alone.
        [ ] 3. The fingerprint above was read aloud from the screen and compared with this paper, sign by sign.
        [ ] 4. A second copy of the key file was made on a second medium, and both were opened once:
               "hufu ca crl --root-key <medium>" with each.
        [ ] 5. No copy of the key file is left on the machine: "hufu ca show" says that it lies elsewhere.
        [ ] 6. Medium 1 lies at ______________________  Medium 2 lies at ______________________
        [ ] 7. The passphrase, in a sealed envelope signed across the flap, lies at ______________________
        [ ] 8. The fingerprint was handed to everybody who will check pledges: this paper is copied to them.

        Needed again: for a new issuing authority ("hufu ca rotate"), to revoke one ("hufu ca revoke"), and every two
        years for the root's list ("hufu ca crl"); each time with --root-key and all three present.

        Place ____________________  Day ____________________  Time ____________________
        """
    )
