"""Checks a signature, signs, and makes keys, for tests/signatures.rs: one JSON question in, one JSON answer out."""

import base64
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)


def sign(key, message):
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(message, PSS, hashes.SHA256())
    else:
        signature = key.sign(message)
    return base64.b64encode(signature).decode()


def accepts(key, message, signature):
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(base64.b64decode(signature), message, PSS, hashes.SHA256())
        else:
            key.verify(base64.b64decode(signature), message)
    except InvalidSignature:
        return False
    return True


def described(key, private_format):
    private = key.private_bytes(serialization.Encoding.PEM, private_format, serialization.NoEncryption())
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {
        "private_pem": private.decode(),
        "public_pem": public.decode(),
        "signature": sign(key, b"made by Python"),
    }


def main():
    question = json.load(sys.stdin)
    if question.get("make"):
        pkcs1 = serialization.PrivateFormat.TraditionalOpenSSL
        pkcs8 = serialization.PrivateFormat.PKCS8
        answer = {
            "rsa_2048_pkcs1": described(rsa.generate_private_key(65537, 2048), pkcs1),
            "rsa_3072_pkcs8": described(rsa.generate_private_key(65537, 3072), pkcs8),
            "ed25519_pkcs8": described(ed25519.Ed25519PrivateKey.generate(), pkcs8),
        }
    else:
        message = question["message"].encode()
        public = serialization.load_pem_public_key(question["public_pem"].encode())
        private = serialization.load_pem_private_key(question["private_pem"].encode(), None)
        answer = {
            "accepted": accepts(public, message, question["signature"]),
            "tampered_accepted": accepts(public, message, question["tampered"]),
            "signature": sign(private, message),
        }
    json.dump(answer, sys.stdout)


main()
