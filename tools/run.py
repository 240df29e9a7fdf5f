"""Run Ronde on this machine: web server, job worker and a mail server that keeps what it gets.

The addresses come from .ronde/env or the environment, the web port from RONDE_PORT (8000).
RONDE_DEV_PSC=1 also runs an imitation of Pro Santé Connect that knows the demo accounts.
Ctrl-C stops the three; the database keeps running, `make stop` stops it.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

ROOT = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("RONDE_STATE", ROOT / ".ronde")).absolute()
HOST = "127.0.0.1"
NAME = "localhost"  # Passkeys are bound to a name, never to an address.
WEB_STARTS_WITHIN = 30.0
STOPS_WITHIN = 15.0


class Keeper:
    """Keeps every message as a file that sorts by time of arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"
        draft = self.folder / f"{name}.part"
        draft.write_bytes(envelope.original_content)
        draft.rename(self.folder / f"{name}.eml")
        return "250 Kept"


def refuse_if_taken(port: int, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            advice = f"stop what uses it, or set {variable} to another port"
            print(f"Port {port} is taken: {advice}.", file=sys.stderr)
            sys.exit(2)


async def start(*arguments: str | Path, env: dict[str, str]) -> Process:
    """Start in a session of its own, so that Ctrl-C reaches this process alone."""
    command = [str(argument) for argument in arguments]
    return await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, env=env, start_new_session=True
    )


async def stop(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOPS_WITHIN)
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def answers(port: int) -> bool:
    for _ in range(int(WEB_STARTS_WITHIN * 10)):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(HOST, port)
            writer.close()
            return True
        await asyncio.sleep(0.1)
    return False


async def announce(port: int, env: dict[str, str]) -> None:
    if not await answers(port):
        print(f"The web server does not answer after {WEB_STARTS_WITHIN:.0f} s.", flush=True)
        return
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "manage.py", "demo_accounts"), cwd=ROOT, env=env, stdout=PIPE
    )
    accounts, _ = await process.communicate()
    address = f"{env['SITE_URL']}/"
    print(f"\nRonde: {address}\nMails: {address}dev/mails\n\n{accounts.decode()}", flush=True)
    print("Ctrl-C stops; the database keeps running (`make stop`).", flush=True)


async def mail_server(folder: Path, port: int) -> asyncio.Server:
    """Start an SMTP server on this machine alone; port 0 lets the system choose."""
    keeper = Keeper(folder)
    return await asyncio.get_running_loop().create_server(
        lambda: SMTP(keeper, enable_SMTPUTF8=True, hostname="localhost"), HOST, port
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


async def pro_sante(env: dict[str, str]) -> Process:
    """Start the imitation of Pro Santé Connect, and have the site know it."""
    people, port = STATE / "pro-sante.json", free_port()
    with people.open("w", encoding="utf-8") as file:
        asked = (sys.executable, "manage.py", "demo_accounts", "--claims")
        await (await asyncio.create_subprocess_exec(*asked, cwd=ROOT, env=env, stdout=file)).wait()
    env["PSC_ISSUER"] = f"http://{HOST}:{port}"
    env["PSC_CLIENT_ID"] = "ronde"
    env["PSC_CLIENT_SECRET"] = "not-a-secret-it-only-serves-on-this-machine"  # noqa: S105
    return await asyncio.create_subprocess_exec(
        "node", "tests/oidc/provider.mjs", str(port), env["SITE_URL"], people,
        cwd=ROOT, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True,
    )  # fmt: skip


async def run(port: int) -> int:
    interrupted = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, interrupted.set)
    mails = await mail_server(STATE / "mails", int(os.environ.get("EMAIL_PORT", "0")))
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "EMAIL_HOST": HOST,
        "EMAIL_PORT": str(mails.sockets[0].getsockname()[1]),
        "SITE_URL": f"http://{NAME}:{port}",
    }
    beside = {}
    if os.environ.get("RONDE_DEV_PSC") == "1":
        beside["imitation of Pro Santé Connect"] = await pro_sante(env)
    web = ("-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port))
    options = ("--workers", "2", "--blocking-threads", "1", "--no-ws", "--log-level", "warning")
    processes = {
        "web server": await start(*web, *options, "config.wsgi:application", env=env),
        "job worker": await start("manage.py", "procrastinate", "worker", env=env),
        **beside,
    }
    ends = {asyncio.create_task(process.wait()): name for name, process in processes.items()}
    asked = asyncio.create_task(interrupted.wait())
    hello = asyncio.create_task(announce(port, env))
    done, _ = await asyncio.wait([asked, *ends], return_when=asyncio.FIRST_COMPLETED)
    hello.cancel()
    for end in done - {asked}:
        print(f"The {ends[end]} ended by itself (code {end.result()}): all stops.", flush=True)
    await asyncio.gather(*(stop(process) for process in processes.values()))
    mails.close()
    return 0 if asked in done else 1


def main() -> int:
    port = int(os.environ.get("RONDE_PORT", "8000"))
    refuse_if_taken(port, "RONDE_PORT")
    if "EMAIL_PORT" in os.environ:
        refuse_if_taken(int(os.environ["EMAIL_PORT"]), "EMAIL_PORT")
    return asyncio.run(run(port))


if __name__ == "__main__":
    sys.exit(main())
