"""The fixed words of the printed documents, in the language in force; a caller who prints for somebody else wraps the
call in `app.core.i18n.force_locale`."""

from app.core.i18n import _, pgettext
from app.documents.shapes import (
    AdmissionLabels,
    CertificateLabels,
    FrameLabels,
    ListLabels,
    MinutesLabels,
    PledgeLabels,
)


def frame_labels() -> FrameLabels:
    return {
        "page_of": _("Page %(page)s of %(pages)s"),
        "fingerprint": pgettext("document", "Fingerprint"),
        "code": _("QR code"),
        "head": pgettext("document", "Head of the log"),
        "root": pgettext("document", "Root certificate of the company"),
    }


def minutes_labels() -> MinutesLabels:
    return {
        **frame_labels(),
        "attendance": pgettext("document", "Attendance"),
        "none": pgettext("document", "none"),
        "decisions": pgettext("document", "Decided"),
        "number": pgettext("document", "No."),
        "decided": pgettext("document", "Matter"),
        "responsible": pgettext("document", "Responsible"),
        "due": pgettext("document", "Due"),
        "sign_off": pgettext("document", "Approved for issue"),
        "distribution": pgettext("document", "Distribution"),
    }


def pledge_labels() -> PledgeLabels:
    return {
        **frame_labels(),
        "targets": pgettext("document", "Targets"),
        "target": pgettext("document", "Target"),
        "start": pgettext("target value", "From"),
        "goal": pgettext("target value", "To"),
        "due": pgettext("document", "By"),
        "deadline": pgettext("document", "Deadline"),
        "signatures": pgettext("document", "Signatures"),
        "unsigned": pgettext("document", "not yet signed"),
        "attached": pgettext("document", "What is signed, as data (RFC 8785)"),
    }


def admission_labels() -> AdmissionLabels:
    return {**frame_labels(), "admission": pgettext("document", "Admission")}


def list_labels() -> ListLabels:
    return {**frame_labels(), "empty": _("There is nothing to list.")}


def certificate_labels() -> CertificateLabels:
    return {**frame_labels(), "certificate": pgettext("document", "Certificate of attendance")}
