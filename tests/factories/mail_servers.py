"""A mail server on this machine that answers each step as told and keeps what it was given."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedRWPair

OK = "250 OK"
HANG_UP = ""
SILENCE = "silence"
AFTER_TEXT = "."
_USUAL = {
    "EHLO": "250-mail.example\r\n250 DSN",
    "DATA": "354 go ahead",
    "AUTH": "235 in",
    "QUIT": "221 bye",
}


@dataclass
class MailServer:
    """`answers` by verb, and by ``.`` for the end of the text."""

    answers: Mapping[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def serve(self, listening: socket.socket) -> None:
        """Serve one connection after another until the socket is closed."""
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                connection.settimeout(20)
                stream.write(b"220 mail.example\r\n")
                stream.flush()
                while line := stream.readline():
                    if not self._answer(line.decode().strip(), stream):
                        break

    def _answer(self, command: str, stream: BufferedRWPair) -> bool:
        verb = command.split(" ")[0].upper()
        self.commands.append(command)
        if not self._say(verb, stream):
            return False
        if verb == "DATA" and self.answers.get("DATA", "354").startswith("354"):
            text = b""
            while not text.endswith(b"\r\n.\r\n"):
                line = stream.readline()
                if not line:
                    return False
                text += line
            self.texts.append(text)
            return self._say(AFTER_TEXT, stream)
        return True

    def _say(self, verb: str, stream: BufferedRWPair) -> bool:
        answer = self.answers.get(verb, _USUAL.get(verb, OK))
        if answer == SILENCE:
            self._over.wait(10)
        if answer in {SILENCE, HANG_UP}:
            return False
        stream.write(answer.encode() + b"\r\n")
        stream.flush()
        return True

    def stop(self) -> None:
        """Let a silent step end."""
        self._over.set()


@contextmanager
def running(**answers: str) -> Iterator[tuple[MailServer, int]]:
    """Run a mail server for a block; yields it and its port. ``END`` is after the text."""
    told = {AFTER_TEXT if verb == "END" else verb: answer for verb, answer in answers.items()}
    server = MailServer(told)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.serve, args=(listening,))
        thread.start()
        try:
            yield server, listening.getsockname()[1]
        finally:
            server.stop()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
