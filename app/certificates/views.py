"""The pages of the certificate authority: its certificates and the published list of what was revoked."""

from datetime import timedelta

from flask import Blueprint, Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import proof
from app.certificates import keys, policy, queries, services
from app.certificates.forms import RevokeForm
from app.certificates.models import CERTIFICATE_KIND_LABELS, Certificate, CertificateKind
from app.core import clock
from app.core.errors import require
from app.core.forms import filled, press
from app.core.guards import public
from app.core.i18n import _
from app.signing.canonical import grouped

blueprint = Blueprint("certificates", __name__)

SOON = timedelta(days=90)


@blueprint.route("/certificates")
def list_certificates() -> ResponseReturnValue:
    require(policy.may_see(current_user))
    root = queries.find_root()
    return render_template(
        "certificates/list.html", certificates=queries.list_all(), labels=CERTIFICATE_KIND_LABELS, now=clock.now(),
        soon=queries.list_expiring(SOON), ending=queries.list_ending_lists(SOON), grouped=grouped,
        root=root, is_key_here=root is not None and keys.has_root_key(root.pem), may_run=policy.may_run(current_user),
        authorities=queries.list_authorities(), lists=queries.newest_lists(),
    )  # fmt: skip


@blueprint.route("/certificates/lists", methods=["POST"])
def renew_lists() -> ResponseReturnValue:
    require(policy.may_run(current_user))
    return press(
        lambda: services.renew_lists(actor=current_user),
        url_for("certificates.list_certificates"),
        _("New lists are published."),
    )


@blueprint.route("/certificates/<ref:certificate_ref>", methods=["GET", "POST"])
def show(certificate_ref: str) -> ResponseReturnValue:
    """One certificate; whoever runs the authority revokes it here."""
    require(policy.may_see(current_user))
    certificate = _find(certificate_ref)
    form = RevokeForm()
    if form.is_submitted():
        require(policy.may_run(current_user))
        if (page := proof.missing()) is not None:
            return page
        if form.validate_on_submit():
            answer = form.attempt(
                lambda: services.revoke(certificate, actor=current_user, reason=filled(form.reason.data)),
                then=url_for("certificates.show", certificate_ref=certificate.ref),
                said=_("The certificate is revoked, and the new list says so."),
            )
            if answer is not None:
                return answer
    may_revoke = (
        policy.may_run(current_user) and certificate.revoked_at is None and certificate.kind != CertificateKind.ROOT
    )
    return render_template(
        "certificates/show.html", certificate=certificate, label=CERTIFICATE_KIND_LABELS[CertificateKind(certificate.kind)],
        form=form if may_revoke or form.is_submitted() else None, grouped=grouped, now=clock.now(),
    ), form.status  # fmt: skip


@blueprint.route("/ca/root.pem")
@public
def root() -> ResponseReturnValue:
    """What everybody has to trust who checks a pledge: compare its fingerprint with one on paper."""
    pem = services.root_pem()
    if not pem:
        abort(404)
    return Response(
        pem,
        mimetype="application/x-pem-file",
        headers={"Content-Disposition": 'attachment; filename="root.pem"'},
    )


@blueprint.route("/ca/<int:number>.crl")
@public
def revoked(number: int) -> ResponseReturnValue:
    """The newest list of an authority (RFC 5280); its address stands in every certificate below."""
    newest = queries.find_list(number) if number < 2**31 else None
    if newest is None:
        abort(404)
    return Response(newest.der, mimetype="application/pkix-crl")


def _find(ref: str) -> Certificate:
    found = queries.find(ref)
    if found is None:
        abort(404)
    return found
