"""Callbacks of WeChat and WeCom: XML, sealed with AES and signed over what is sealed.

https://developer.work.weixin.qq.com/document/path/90968 (the same scheme at WeChat, "safe mode").
WeChat's plain mode signs only a time and a number, never the message, so it is not accepted.
"""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from regulars.messages.gateways import proof
from regulars.messages.gateways.contract import Forged, Received, Unreadable

_RANDOM: Final = 16
_LENGTH: Final = 4
_BLOCK: Final = 32  # PKCS#7 to 32 bytes, not to the 16 of the cipher


@dataclass(frozen=True)
class Envelope:
    """What one account's callbacks are sealed with: token, AES key (43 characters), its id."""

    token: str
    aes_key: str
    owner: str

    def open(self, request: Received) -> dict[str, str]:
        """Return the fields of the message in a callback. Raises `Forged`, `Unreadable`."""
        return fields(self.unsealed(request, fields(request.body).get("Encrypt", "")))

    def echo(self, request: Received) -> str:
        """Return what a new address must answer to be accepted. Raises `Forged`."""
        return self.unsealed(request, request.query.get("echostr", "")).decode()

    def unsealed(self, request: Received, sealed: str) -> bytes:
        """Check the signature of a sealed text, and open it."""
        query = request.query
        at, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not proof.same(query.get("msg_signature", ""), signature(self.token, at, nonce, sealed)):
            raise Forged("The signature of the callback is missing or wrong.")
        proof.check_fresh(at, request.at)
        return self._decrypt(sealed)

    def _decrypt(self, sealed: str) -> bytes:
        try:
            key = base64.b64decode(self.aes_key + "=")
            decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
            plain = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
            inside = plain[_RANDOM : -plain[-1]]
            (size,) = struct.unpack(">I", inside[:_LENGTH])
        except (ValueError, IndexError, struct.error, binascii.Error) as error:
            raise Unreadable("The callback cannot be decrypted with this key.") from error
        content, owner = inside[_LENGTH : _LENGTH + size], inside[_LENGTH + size :]
        if not proof.same(owner.decode(errors="replace"), self.owner):
            raise Forged("The callback belongs to another account.")
        return content


def signature(token: str, at: str, nonce: str, sealed: str) -> str:
    """Return the SHA-1 that the platforms put beside a sealed text."""
    joined = "".join(sorted((token, at, nonce, sealed)))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def fields(xml: bytes) -> dict[str, str]:
    """Return the texts directly under the root of a small XML document. Raises `Unreadable`."""
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Unreadable("The callback is not the XML we expect.") from error
    return {child.tag: child.text or "" for child in root}
