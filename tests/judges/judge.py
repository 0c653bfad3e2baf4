"""pkilint and Python's cryptography judge the items of a docket, in one process.

    python3 judge.py DOCKET

`tests/judges/docket.rs` says what a line of a docket and a line of the answer is. Paths are relative to the docket.
"""

import datetime
import sys

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store
from pkilint import loader, pkix
from pkilint.cabf import cabf_crl, serverauth
from pkilint.cabf.serverauth.serverauth_constants import CertificateType
from pkilint.finding_filter import filter_results
from pkilint.pkix import certificate, crl, extension, name
from pkilint.bin import lint_pkix_signer_signee_cert_chain as chain
from pkilint.validation import ValidationFindingSeverity as Severity


def answer(judge, item, verdict, text=""):
    print(judge, item, verdict, " ".join(str(text).split()), sep="\t")


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def certificates(paths):
    return [x509.load_pem_x509_certificate(read(path).encode()) for path in paths.split(",") if path]


# ---- pkilint

CERTIFICATE_LOADER = loader.RFC5280CertificateDocumentLoader()
CRL_LOADER = loader.RFC5280CertificateListDocumentLoader()


# Every other profile is for servers, as far as it says for what.
KINDS = {
    "root": CertificateType.ROOT_CA,
    "cross": CertificateType.INTERNAL_CROSS_CA,
    "device-issuing": CertificateType.NON_TLS_CA,
}


def pkix_certificate_validator():
    return certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )


def crl_validator():
    kind = crl.CertificateRevocationListType.ARL
    return crl.create_pkix_crl_validator_container(
        [
            pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
            pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
        ],
        [
            crl.create_issuer_validator_container([]),
            crl.create_validity_validator_container([cabf_crl.create_validity_period_validator(kind)]),
            crl.create_extensions_validator_container([]),
            cabf_crl.CabfCrlReasonCodeAllowlistValidator(kind),
        ],
    )


def pkilint_of_certificate(role, path, issuer_path):
    """RFC 5280 for itself and under its issuer, and the Baseline Requirements for the nearest of their types."""
    results = pkix_certificate_validator().validate(CERTIFICATE_LOADER.load_pem_document(read(path)).root)
    kind = KINDS.get(role, CertificateType.INTERNAL_UNCONSTRAINED_TLS_CA)
    requirements = certificate.create_pkix_certificate_validator_container(
        serverauth.create_decoding_validators(), serverauth.create_validators(kind)
    )
    found = requirements.validate(CERTIFICATE_LOADER.load_pem_document(read(path)).root)
    results += filter_results(serverauth.create_serverauth_finding_filters(kind), found)[0]
    if issuer_path != path:
        together = {}
        for substrate_name, file in (("issuer", issuer_path), ("subject", path)):
            together[substrate_name] = CERTIFICATE_LOADER.load_pem_document(read(file), file, substrate_name, together)
        decoder = chain.create_decoder_validation_container()
        for document in together.values():
            results += decoder.validate(document.root)
        results += chain.create_issuer_validation_container().validate(together["issuer"].root)
        results += chain.create_subject_validation_container().validate(together["subject"].root)
    return results


def pkilint_judges(item, role, path, issuer_path):
    if role == "crl":
        results = crl_validator().validate(CRL_LOADER.load_pem_document(read(path)).root)
    else:
        results = pkilint_of_certificate(role, path, issuer_path)
    found = {}
    for result in results:
        for finding in result.finding_descriptions:
            if finding.finding.severity <= Severity.WARNING:
                found[finding.finding.code] = f"{result.node.path}: {finding.message or ''}"
    for code, text in found.items():
        answer("pkilint", item, code, text)
    answer("pkilint", item, "done")


# ---- Python's cryptography

def cryptography_judges_object(item, role, path, issuer_path):
    try:
        [issuer] = certificates(issuer_path)
        if role == "crl":
            revocations = x509.load_pem_x509_crl(read(path).encode())
            list(revocations), list(revocations.extensions)
            right = revocations.is_signature_valid(issuer.public_key())
        else:
            [subject] = certificates(path)
            list(subject.extensions)
            subject.verify_directly_issued_by(issuer)
            right = True
    except Exception as error:  # whatever it is, it is a refusal
        answer("cryptography", item, "refused", repr(error))
    else:
        answer("cryptography", item, "accepted" if right else "refused")


def cryptography_judges_path(item, at, anchor, leaf, above):
    try:
        verifier = PolicyBuilder().store(Store(certificates(anchor))).time(
            datetime.datetime.fromtimestamp(int(at), datetime.timezone.utc).replace(tzinfo=None)
        ).build_client_verifier()
        verifier.verify(certificates(leaf)[0], certificates(above))
    except Exception as error:
        answer("cryptography", item, "refused", error)
    else:
        answer("cryptography", item, "accepted")


def main(docket):
    with open(docket, encoding="ascii") as lines:
        for line in lines:
            kind, item, *rest = line.rstrip("\n").split("\t")
            if kind == "object":
                pkilint_judges(item, *rest)
                cryptography_judges_object(item, *rest)
            elif kind == "leaf":
                at, anchor, leaf, above, _revocations = rest
                cryptography_judges_path(item, at, anchor, leaf, above)


main(sys.argv[1])
