"""Shuts a process out of files and network, for good: what reads a paper needs neither.

Landlock (Linux 5.13, https://docs.kernel.org/userspace-api/landlock.html) leaves the process and all that it starts the
named paths, to be read and run, and nothing to be written but /dev/null. TCP goes with it from Linux 6.7 on, signals and
abstract sockets from 6.12. A seccomp filter refuses every new socket (one to docker.sock or to an ssh agent is a file to no
rule of Landlock), looking into other processes and leaving the child's own group; a network namespace, where the kernel gives one, has nothing to reach.
Where there is no Landlock, a mount namespace that holds nothing but the same paths stands for it.

Only the calling thread and what it starts later is shut out, so this comes first in a process, and imports nothing but
the standard library.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
import struct
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass

SYSTEM_FOLDERS = ("/usr", "/lib", "/lib64", "/bin", "/sys/devices/system/cpu")
"""Programs and libraries, which may be loaded late; onnxruntime counts the cores."""
SYSTEM_FILES = ("/etc/ld.so.cache", "/proc/cpuinfo", "/dev/urandom")
NULL = "/dev/null"

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_FS_BITS = {1: 13, 2: 14, 3: 15, 5: 16}
"""ABI -> rights on files that it knows, the first n bits (linux/landlock.h)."""
_NET_ABI, _SCOPE_ABI = 4, 6
_TCP, _SCOPES = 0b11, 0b11
_NO_NEW_PRIVS = 38
_NEWNS, _NEWUSER, _NEWNET, _NEWIPC = 0x20000, 0x10000000, 0x40000000, 0x08000000
_RDONLY, _REMOUNT, _BIND, _REC, _PRIVATE, _DETACH = 1, 32, 4096, 16384, 1 << 18, 2
_LOCKED = 2 | 4 | 8 | 1024 | 2048 | (1 << 21)
"""nosuid, nodev, noexec, noatime, nodiratime, relatime: flags of a mount that a namespace must keep."""
_SET_SECCOMP, _FILTER = 22, 2
_REFUSED = {
    "x86_64": (
        0xC000003E,
        (
            *(41, 101, 310, 311, 425, 112, 109, 29, 30, 64, 68, 240, 248, 249, 250, 434),
            *(90, 91, 268, 452, 92, 93, 94, 260, 132, 235, 261, 280, 188, 189, 190, 141, 142, 144, 203, 314, 251),
        ),
        302,
    ),
    "aarch64": (
        0xC00000B7,
        (
            *(198, 117, 270, 271, 425, 157, 154, 194, 196, 190, 186, 180, 217, 218, 219, 434),
            *(52, 53, 452, 54, 55, 88, 5, 6, 7, 140, 118, 119, 122, 274, 30),
        ),
        261,
    ),
}
"""Machine -> its AUDIT_ARCH, the numbers of what is refused, that of prlimit64, which is refused for other processes.

Refused: socket; ptrace, process_vm_readv, process_vm_writev, pidfd_open; io_uring_setup; setsid, setpgid, by which a program
would outlive its child; shmget, shmat, semget, msgget, mq_open; add_key, request_key, keyctl; and, since Landlock has no rights
for them, chmod, chown, utime and setxattr with their kin; setpriority, the sched_set*, ioprio_set."""
_X32 = 0x40000000
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}


@dataclass(frozen=True)
class Confinement:
    """What holds a process: in words, as `astrocorpus doctor` prints them.

    Args:
        files: `landlock 7` (with its ABI), `mount namespace`, or `none`.
        network: what of `seccomp` (no socket at all), `namespace` and `landlock` (no TCP) there is, or `none`.
    """

    files: str = "none"
    network: str = "none"


def landlock_abi() -> int:
    """The version of Landlock that this kernel has; 0 for none."""
    return max(0, int(_libc().syscall(_CREATE_RULESET, None, 0, _VERSION)))


def confine(readable: Iterable[str], *, use_landlock: bool = True) -> Confinement:
    """Leave this process the system's programs and libraries and `readable`, and take everything else.

    It never raises for what a kernel does not have: what holds is in the result.

    Args:
        readable: files and folders that may be read and run beside the system's own; those that are not there are none.
        use_landlock: False leaves files to the mount namespace, as on a kernel without Landlock.
    """
    _libc().prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    folders = [path for path in dict.fromkeys((*SYSTEM_FOLDERS, *SYSTEM_FILES, *readable)) if os.path.exists(path)]
    abi = landlock_abi() if use_landlock else 0
    own_network = abi > 0 and _own_network()
    if abi > 0 and _landlock(folders, abi):
        files = f"landlock {abi}"
    else:  # there is none, or it is refused here
        has_mounts = _only_these_mounts(folders)
        files = "mount namespace" if has_mounts else "none"
        own_network = own_network or has_mounts or _own_network()
    means = {
        "seccomp": _no_sockets(),
        "namespace": own_network,
        "landlock": files.startswith("landlock") and abi >= _NET_ABI,
    }
    return Confinement(files, ", ".join(name for name, holds in means.items() if holds) or "none")


def describe(confinement: Confinement) -> dict[str, str]:
    """A confinement as plain data, for the border of a child."""
    return asdict(confinement)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _landlock(paths: Iterable[str], abi: int) -> bool:
    """Restrict this thread to reading and running below the paths; False where the kernel refuses."""
    libc = _libc()
    bits = max(bits for since, bits in _FS_BITS.items() if since <= abi)
    handled = [(1 << bits) - 1, *([_TCP] if abi >= _NET_ABI else []), *([_SCOPES] if abi >= _SCOPE_ABI else [])]
    attributes = struct.pack(f"={len(handled)}Q", *handled)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return False
    try:
        for path in paths:
            _allow(ruleset, path, _READ_FILE | _READ_DIR | _EXECUTE)
        _allow(ruleset, NULL, _READ_FILE | _WRITE_FILE)
        return bool(libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    with contextlib.suppress(OSError):  # what cannot be opened cannot be read either
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(handle).st_mode):
                rights &= ~_READ_DIR
            _libc().syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, handle), 0)
        finally:
            os.close(handle)


def _no_sockets() -> bool:
    """Refuse the system calls of _REFUSED, and all of another machine's kind, with EPERM; False where that cannot be had."""
    if (known := _REFUSED.get(os.uname().machine)) is None:
        return False
    arch, numbers, prlimit = known
    load, jump_equal, jump_not_below, give = 0x20, 0x15, 0x35, 0x06  # BPF_LD|W|ABS, JMP|JEQ|K, JMP|JGE|K, RET|K
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.EPERM
    last = len(numbers) + 7  # where `allow` stands, `refuse` behind it
    code = [
        (load, 0, 0, 4),  # seccomp_data.arch
        (jump_equal, 0, last - 1, arch),
        (load, 0, 0, 0),  # seccomp_data.nr
        (jump_not_below, last - 3, 0, _X32),
        *((jump_equal, last - i, 0, number) for i, number in enumerate(numbers, 4)),
        (jump_equal, 0, 2, prlimit),
        (load, 0, 0, 16),  # its first argument: 0 is the process itself
        (jump_equal, 0, 1, 0),
        (give, 0, 0, allow),
        (give, 0, 0, refuse),
    ]
    rules = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *rule) for rule in code))
    program = struct.pack("@HP", len(code), ctypes.addressof(rules))
    return bool(_libc().prctl(_SET_SECCOMP, _FILTER, program, 0, 0) == 0)


def _own_network() -> bool:
    """Leave this process a network namespace in which there is nothing, not even a loopback that is up."""
    libc = _libc()
    return bool(libc.unshare(_NEWUSER | _NEWNET | _NEWIPC) == 0 or libc.unshare(_NEWNET | _NEWIPC) == 0)


def _only_these_mounts(paths: Iterable[str]) -> bool:
    """Make a root that holds the paths, read-only, and nothing else; False where the kernel refuses."""
    uid, gid = os.getuid(), os.getgid()
    libc = _libc()
    pivot_root = _PIVOT_ROOT.get(os.uname().machine)
    if pivot_root is None or libc.unshare(_NEWUSER | _NEWNS | _NEWNET | _NEWIPC) != 0:
        return False
    try:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{uid} {uid} 1")
        _write("/proc/self/gid_map", f"{gid} {gid} 1")
        _mount(None, "/", None, _REC | _PRIVATE)
        root = tempfile.gettempdir()  # covered by the new file system in this namespace alone
        handles = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in (*paths, NULL)]
        _mount("tmpfs", root, "tmpfs", 0)
        for path, handle in handles:
            _bind(root, path, handle)
        _mount(None, root, None, _REMOUNT | _BIND | _RDONLY)
        os.chdir(root)
        if libc.syscall(pivot_root, b".", b".") != 0 or libc.umount2(b".", _DETACH) != 0:
            return False
        os.chdir("/")
    except OSError:
        return False
    return True


def _bind(root: str, path: str, handle: int) -> None:
    target = root + path
    if os.path.islink(path) and not os.path.lexists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.symlink(os.readlink(path), target)
    elif not os.path.lexists(target):  # what lies below a bound path is there already
        if os.path.isdir(path):
            os.makedirs(target)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            _write(target, "")
        _mount(f"/proc/self/fd/{handle}", target, None, _BIND | _REC)
        kept = os.statvfs(target).f_flag & _LOCKED
        _mount(None, target, None, _REMOUNT | _BIND | kept | (0 if path == NULL else _RDONLY))
    os.close(handle)


def _mount(source: str | None, target: str, kind: str | None, flags: int) -> None:
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    if _libc().mount(*words, ctypes.c_ulong(flags), None) != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")


def _write(path: str, text: str) -> None:
    with open(path, "w") as stream:
        stream.write(text)
