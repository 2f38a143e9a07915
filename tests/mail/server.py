"""A mail server on this machine that can be told to go wrong.

Its only argument is a JSON object:
  user, password   what it lets in; without them it asks for no login
  certificate, key files in PEM; without them it speaks plainly
  tls              whether it speaks TLS from the first byte instead of offering STARTTLS
  refuse           {"MAIL" or "RCPT": answer}: what it says to every such command
  busy             how many recipients it answers with a 451 before it takes one
  echo             whether it repeats a wrong password in its answer

It prints one JSON line with its port when it is ready, then one for each mail it takes.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

settings = json.loads(sys.argv[1])


def say(line):
    print(json.dumps(line), flush=True)


class Desk:
    busy = settings.get("busy", 0)

    async def handle_MAIL(self, server, session, envelope, address, options):
        answer = settings.get("refuse", {}).get("MAIL")
        if answer:
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = settings.get("refuse", {}).get("RCPT")
        if answer:
            return answer
        if self.busy > 0:
            self.busy -= 1
            return "451 4.7.1 greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = [part for part in mail.walk() if not part.is_multipart()]
        say(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "subject": mail["Subject"],
                "headers": {name: str(value) for name, value in mail.items()},
                "kind": mail.get_content_type(),
                "parts": {part.get_content_type(): part.get_content() for part in parts},
                "raw": envelope.content.decode("ascii"),
                "encrypted": session.ssl is not None or settings.get("tls", False),
                "user": session.auth_data.login.decode() if session.auth_data else None,
            }
        )
        return "250 2.0.0 taken"


def let_in(server, session, envelope, mechanism, given):
    if (given.login.decode(), given.password.decode()) == (settings["user"], settings["password"]):
        return AuthResult(success=True, auth_data=given)
    words = "5.7.8 " + (given.password.decode() if settings.get("echo") else "Authentication credentials invalid")
    return AuthResult(success=False, handled=False, message="535 " + words)


async def serve():
    context = None
    if "certificate" in settings:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(settings["certificate"], settings["key"])
    from_the_start = settings.get("tls", False)
    asks = "user" in settings
    desk = Desk()
    loop = asyncio.get_running_loop()

    def session():
        return SMTP(
            desk,
            hostname="localhost",
            tls_context=None if from_the_start else context,
            require_starttls=context is not None and not from_the_start,
            auth_required=asks,
            auth_require_tls=context is not None and not from_the_start,
            authenticator=let_in if asks else None,
            loop=loop,
        )

    server = await loop.create_server(session, "127.0.0.1", 0, ssl=context if from_the_start else None)
    say({"port": server.sockets[0].getsockname()[1]})
    await server.serve_forever()


asyncio.run(serve())
