"""E-mail by SMTP, step by step, so that it is known how far a message came.

RFC 5321: until the end of the text is sent, nothing is accepted; a reply that does not come after
it leaves the message uncertain. Bounces (RFC 3464), complaints (RFC 5965) and replies reach us as
raw mail, posted by the mail server to our callback with a secret.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Final, Literal

from regulars.messages.gateways import bounces, faults, letters, proof
from regulars.messages.gateways.contract import (
    Absent,
    Accepted,
    Inbound,
    NotDone,
    Outgoing,
    Rate,
    Receipt,
    Received,
    Refused,
    Reply,
    TryLater,
    Uncertain,
)

type Security = Literal["tls", "starttls", "none"]

_READY: Final = 354
_DOT: Final = re.compile(rb"^\.", re.MULTILINE)
_AGAIN: Final = timedelta(minutes=5)
_BUSY: Final = timedelta(minutes=1)
# Enhanced codes (RFC 3463) of a refusal; otherwise the step decides.
_TABLE: Final[faults.Table] = {
    "5.1": faults.refused("address-wrong"),
    "5.1.7": faults.of_account("credentials-wrong"),  # it is our address that is wrong
    "5.1.8": faults.of_account("credentials-wrong"),
    "5.2.1": faults.refused("address-wrong"),
    "5.2.2": faults.refused("mailbox-full"),
    "5.2.3": faults.refused("too-long"),
    "5.3.4": faults.refused("too-long"),
    "5.7": faults.refused("text-refused"),
    "5.7.8": faults.of_account("credentials-wrong"),
    "4.7.0": faults.later("rate", minutes=5),
    "4.7.1": faults.later("rate", minutes=5),  # greylisting
    "4.5.3": faults.later("rate", minutes=5),
}


class Gateway:
    """The installation's mail server, or a chain's own, with the names mail goes out under."""

    name: Final = "smtp"
    rate: Final = Rate(count=10)

    def __init__(
        self,
        *,
        host: str,
        port: int,
        sender: str,
        security: Security = "starttls",
        username: str = "",
        password: str = "",
        reply_to: str = "",
        bounces_to: str = "",
        callback_secret: str = "",
        timeout: float = 15.0,
    ) -> None:
        """Take the server, ``Name <address>`` as sender, and where bounces go if not to it.

        ``bounces_to`` gets our key added (``bounces+KEY@…``), for servers that return nothing else.
        """
        self._host, self._port, self._security = host, port, security
        self._username, self._password = username, password
        self._sender, self._reply_to, self._bounces_to = sender, reply_to, bounces_to
        self._callback_secret, self._timeout = callback_secret, timeout

    def send(self, outgoing: Outgoing, *, now: datetime) -> Accepted:
        """Send one e-mail to one person. The provider's id is our key."""
        message = letters.letter(outgoing, sender=self._sender, reply_to=self._reply_to, now=now)
        to, content = letters.spec(outgoing.to), message.as_bytes()
        with self._session() as session:
            with _before_the_text():
                self._envelope(session, outgoing.key, to)
                _expect(session.docmd("DATA"), _READY)
            code, words = _deliver(session, content)
        if code < 400 and code // 100 != 2:
            raise Uncertain("nonsense", str(code))
        _expect((code, words), 250)
        return Accepted(provider_id=outgoing.key)

    def receipts(self, request: Received) -> tuple[Receipt, ...]:
        """Read a bounce or a complaint."""
        proof.check_secret(request, self._callback_secret)
        return bounces.receipts(request.body, at=request.at)

    def inbound(self, request: Received) -> tuple[Inbound, ...]:
        """Read what a person wrote; machines' answers are left out."""
        proof.check_secret(request, self._callback_secret)
        return bounces.replies(request.body, at=request.at)

    def reply(self, request: Received) -> Reply:
        """Answer that the mail is kept."""
        proof.check_secret(request, self._callback_secret)
        return Reply(status=204)

    def resolve(
        self, outgoing: Outgoing, *, since: datetime, now: datetime, provider_id: str = ""
    ) -> Receipt | Absent | None:
        """Say that it cannot be known: SMTP has no question for it."""
        return None

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        with _before_the_text():
            session = self._connected()
        try:
            yield session
        finally:
            session.close()  # QUIT would wait for an answer that changes nothing

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._security == "tls":
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=context
            )
        else:
            session = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            if self._security == "starttls":
                session.starttls(context=context)
            session.ehlo_or_helo_if_needed()
            if self._username:
                session.login(self._username, self._password)
        except BaseException:
            session.close()
            raise
        return session

    def _envelope(self, session: smtplib.SMTP, key: str, to: str) -> None:
        name, at, domain = (self._bounces_to or parseaddr(self._sender)[1]).rpartition("@")
        back = f"{name}+{key}{at}{domain}" if self._bounces_to else f"{name}{at}{domain}"
        notices = session.has_extn("dsn")  # RFC 3461: failures come back with our key
        _expect(session.mail(back, ["RET=HDRS", f"ENVID={key}"] if notices else []), 250)
        options = ["NOTIFY=FAILURE", f"ORCPT=rfc822;{_xtext(to)}"] if notices else []
        _expect(session.rcpt(to, options), 250, 251)


@contextmanager
def _before_the_text() -> Iterator[None]:
    """Turn whatever goes wrong while nothing can have been accepted yet into "try later"."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        after = faults.of_account("credentials-wrong").after
        raise TryLater("credentials-wrong", f"SMTP {error.smtp_code}", after=after) from None
    except (smtplib.SMTPException, OSError) as error:
        raise TryLater("away", type(error).__name__, after=_AGAIN) from None


def _deliver(session: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
    """Send the text and wait for the verdict. Raises `Uncertain` once a byte of it has left."""
    try:
        session.send(_DOT.sub(b"..", content) + b".\r\n")
        return session.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise Uncertain("silent", type(error).__name__) from None


def _expect(answer: tuple[int, bytes], *wanted: int) -> None:
    code, words = answer
    if code in wanted:
        return
    text = words.decode(errors="replace")
    raise _fault(code, text)


def _fault(code: int, text: str) -> NotDone:
    enhanced = re.match(r"([245]\.\d{1,3}\.\d{1,3})\b", text)
    detail = f"{code} {text}"[:300]
    if code < 400 or code == -1:  # not an answer to what was asked
        return TryLater("away", detail, after=_AGAIN)
    if enhanced:
        permanent = faults.REFUSED if code >= 500 else faults.later("away", minutes=5)
        return faults.judge(_TABLE, enhanced[1], text, otherwise=permanent)
    if code in {421, 450, 451, 452}:
        return TryLater("rate", detail, after=_BUSY)
    if code < 500:
        return TryLater("away", detail, after=_AGAIN)
    return Refused("address-wrong" if code in {550, 551, 553} else "refused", detail)


def _xtext(text: str) -> str:
    """Encode for a parameter of the envelope (RFC 3461, 4)."""
    return re.sub(r"[^!-*,-<>-~]", lambda sign: f"+{ord(sign[0]):02X}", text)
