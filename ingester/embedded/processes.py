"""Which processes serve a data directory, how ours end, and whom Postgres takes them for."""

import ctypes
import os
import pwd
import re
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ingester.errors import EmbeddedPostgresError

LEFTOVER_S = 20.0  # a server whose keeper was killed is told to quit and needs no more
PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000

_libc = ctypes.CDLL(None, use_errno=True)


def make_way(files: Path) -> None:
    """Wait for what a killed keeper left on these files, then remove a dead server's pid file.

    The pid file alone proves nothing: its pid may be dead, a zombie, or some other program's by
    now; so the processes are asked. Raises EmbeddedPostgresError where a server stays.
    """
    give_up = time.monotonic() + LEFTOVER_S
    while found := occupants(files):
        server = recorded_pid(files)
        if server not in found:
            kill(found)  # they lost their server; one busy with a query would not notice for long
        elif time.monotonic() > give_up:
            raise EmbeddedPostgresError(
                f"another Postgres (process {server}) serves {files}; stop it, then try again"
            )
        time.sleep(0.02)
    (files / "postmaster.pid").unlink(missing_ok=True)


def occupants(files: Path) -> set[int]:
    """The living postgres processes whose working directory this is."""
    return {
        int(process.name)
        for process in Path("/proc").glob("[0-9]*")
        if name_of(process) == "postgres" and is_at(process, files)
    }


def name_of(process: Path) -> str:
    """The program that a process runs; empty for one that has ended."""
    with suppress(OSError):
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    return ""


def is_at(process: Path, directory: Path) -> bool:
    """Whether a process works in a directory; not, for a zombie or one that we may not ask."""
    with suppress(OSError):
        return (process / "cwd").samefile(directory)
    return False


def recorded_pid(files: Path) -> int | None:
    """Whom the pid file names; a single-user server's number is negative there."""
    named = re.match(r"-?(\d+)$", "".join(postmaster_lines(files)[:1]))
    return int(named[1]) if named else None


def postmaster_lines(files: Path) -> list[str]:
    """What the server wrote of itself, or nothing."""
    with suppress(OSError):
        return (files / "postmaster.pid").read_text("utf-8", errors="replace").splitlines()
    return []


def kill(processes: set[int]) -> None:
    """End them at once: recovery follows, as after any crash."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def dying_with_us(signal_: signal.Signals) -> Callable[[], None]:
    """What a child runs first, so that the kernel signals it when this process dies in any way."""
    parent = os.getpid()

    def arrange() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal_, 0, 0, 0)
        if os.getppid() != parent:  # died before the kernel was asked
            os.kill(os.getpid(), signal.SIGKILL)

    return arrange


def enter_namespace() -> None:
    """Be an ordinary account in Postgres's eyes, where it would refuse who we are.

    It refuses root, and initdb refuses a user without an account. In a user namespace of our own
    we bear the number of an account of this machine, while the files stay ours: no account is
    made, no file's owner or mode is changed. Source: user_namespaces(7).
    """
    uid = os.geteuid()
    if uid != 0 and any(account.pw_uid == uid for account in pwd.getpwall()):
        return
    try:
        appear_as(next(account for account in pwd.getpwall() if account.pw_uid != 0))
    except StopIteration:
        raise EmbeddedPostgresError(refusal(uid, "this machine has no other account")) from None
    except OSError as error:
        raise EmbeddedPostgresError(refusal(uid, f"{error.strerror}")) from None


def appear_as(account: pwd.struct_passwd) -> None:
    """Enter a user namespace where the account's number stands for our own."""
    uid, gid = os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    Path("/proc/self/setgroups").write_bytes(b"deny")
    Path("/proc/self/uid_map").write_bytes(b"%d %d 1" % (account.pw_uid, uid))
    Path("/proc/self/gid_map").write_bytes(b"%d %d 1" % (account.pw_gid, gid))


def refusal(uid: int, cause: str) -> str:
    """What to do where there is no namespace to be had."""
    return (
        f"Postgres does not run as uid {uid}, and no user namespace can be had here ({cause}): "
        "run as an ordinary user with a data directory of its own, "
        "or set DATABASE_URL to a Postgres server"
    )
