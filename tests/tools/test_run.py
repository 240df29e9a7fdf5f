"""The development run: a port taken is told, a mail sent is a mail kept."""

import asyncio
import smtplib
import socket
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest

from tools.run import HOST, mail_server

RUN = Path(__file__).resolve().parents[2] / "tools/run.py"


@pytest.mark.parametrize("variable", ["RONDE_PORT", "EMAIL_PORT"])
def test_a_port_already_taken_is_told(variable, tmp_path):
    with socket.socket() as other, socket.socket() as free:
        other.bind((HOST, 0))
        other.listen()
        free.bind((HOST, 0))
        ports = {"RONDE_PORT": str(free.getsockname()[1])}
        free.close()
        ports[variable] = str(other.getsockname()[1])
        done = subprocess.run(
            [sys.executable, RUN],
            env={"RONDE_STATE": str(tmp_path), **ports},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith(f"Port {ports[variable]} is taken")
    assert variable in done.stderr


def test_a_mail_sent_is_kept_as_it_was(tmp_path):
    message = EmailMessage()
    message["From"], message["To"] = "ronde@ronde.example", "léa@ronde.example"
    message["Subject"] = "Votre code"
    message.set_content("Bonjour,\nvoici votre code à six chiffres.")

    async def serve_one():
        server = await mail_server(tmp_path / "mails", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            await asyncio.to_thread(send, port)

    def send(port):
        with smtplib.SMTP(HOST, port) as client:
            client.send_message(message)

    asyncio.run(serve_one())
    (kept,) = (tmp_path / "mails").iterdir()
    assert kept.suffix == ".eml"
    assert "Votre code" in kept.read_text()
