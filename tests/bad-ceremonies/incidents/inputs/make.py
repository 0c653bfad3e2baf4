#!/usr/bin/env python3
"""Makes the requests of this folder once more; new keys give other bytes, so the digests in the ceremony files change.

Needs the package `cryptography`. The private keys are thrown away, but for the printed one, which everybody has.
"""

import secrets
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

HERE = Path(__file__).parent
# The key of RFC 6979, A.2.5.
PRINTED = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
SMALL = [2] + [n for n in range(3, 168, 2) if all(n % d for d in range(3, n, 2))]


def is_prime(n):
    if any(n % small == 0 for small in SMALL):
        return n in SMALL
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(40):
        x = pow(secrets.randbelow(n - 3) + 2, odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def rsa_key(p, q):
    e, d = 65537, pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(e, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def fitting(candidates):
    return next(p for p in candidates if is_prime(p) and (p - 1) % 65537)


def close_primes():
    start = secrets.randbits(1536) | 3 << 1534 | 1
    p = fitting(range(start, 1 << 1536, 2))
    return rsa_key(fitting(range(p + (1 << 80) + 2, 1 << 1536, 2)), p)


def marked():
    """Primes as the generator of CVE-2017-15361 made them: k * M + 65537^a mod M."""
    product = 1
    for prime in SMALL:
        product *= prime
    high = (3 << 1534) // product

    def prime():
        while True:
            yield (high + secrets.randbelow(high // 4)) * product + pow(65537, secrets.randbelow(product), product)
    return rsa_key(fitting(prime()), fitting(prime()))


def request(name, key):
    attributes = [x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Example"),
                  x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(attributes)).sign(key, hashes.SHA256())
    return made.public_bytes(Encoding.PEM)


def main():
    made = {
        "printed-key": request("printed-key", ec.derive_private_key(PRINTED, ec.SECP256R1())),
        "close-primes": request("close-primes", close_primes()),
        "marked-key": request("marked-key", marked()),
        "short-rsa": request("short-rsa", rsa.generate_private_key(65537, 1024)),
        "small-exponent": request("small-exponent", rsa.generate_private_key(3, 3072)),
        "unusual-curve": request("unusual-curve", ec.generate_private_key(ec.SECP256K1())),
        "another": request("another", ec.generate_private_key(ec.SECP256R1())),
        "sound": request("sound", ec.generate_private_key(ec.SECP256R1())),
    }
    # The key did not sign this: a bit of the signature is another.
    der = bytearray(x509.load_pem_x509_csr(made["sound"]).public_bytes(Encoding.DER))
    der[-1] ^= 1
    made["unproven"] = x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM)
    # The same bytes in the wrapping that older tools write.
    made["sound-again"] = made["sound"].replace(b"CERTIFICATE REQUEST", b"NEW CERTIFICATE REQUEST")
    for name, pem in made.items():
        (HERE / f"{name}.csr.pem").write_bytes(pem)


if __name__ == "__main__":
    main()
