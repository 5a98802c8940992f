"""The first process of the machine of boot.py, once its files are in place: mounts what a Linux machine has, runs the command,
says its exit status and switches the machine off."""
import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
NOSUID, NODEV, NOEXEC = 2, 4, 8


def mount(kind, where, flags=0, data=""):
    os.makedirs(where, exist_ok=True)
    if LIBC.mount(kind.encode(), where.encode(), kind.encode(), flags, data.encode()):
        print("guest: %s on %s: %s" % (kind, where, os.strerror(ctypes.get_errno())))


def loopback():
    with socket.socket() as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: IFF_UP | IFF_RUNNING


def words(path):
    with open(path, encoding="utf-8") as f:
        return [w for w in f.read().split("\0") if w]


def off(status):
    print("\nvm: end %d" % status, flush=True)
    LIBC.sync()
    LIBC.reboot(0x4321FEDC)  # LINUX_REBOOT_CMD_POWER_OFF


def main():
    mount("proc", "/proc", NOSUID | NODEV | NOEXEC)
    mount("sysfs", "/sys", NOSUID | NODEV | NOEXEC)
    mount("cgroup2", "/sys/fs/cgroup", NOSUID | NODEV | NOEXEC)
    mount("tmpfs", "/tmp", NOSUID | NODEV, "mode=1777")
    mount("tmpfs", "/dev/shm", NOSUID | NODEV, "mode=1777")
    mount("mqueue", "/dev/mqueue", NOSUID | NODEV | NOEXEC)
    mount("devpts", "/dev/pts", NOSUID | NOEXEC, "mode=620,ptmxmode=666")
    for name, to in (("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2")):
        if not os.path.lexists("/dev/" + name):
            os.symlink(to, "/dev/" + name)
    if os.path.isdir("/tmp-files"):
        shutil.copytree("/tmp-files", "/tmp", symlinks=True, dirs_exist_ok=True)
    os.chmod("/tmp", 0o1777)  # copying gave it that of the copy
    os.chmod("/root", 0o700)
    loopback()
    folder, *command = words("/command")
    environment = dict(w.split("=", 1) for w in words("/environment"))
    environment.setdefault("PATH", "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    os.makedirs(folder, exist_ok=True)
    print("\nvm: begin", flush=True)
    try:
        status = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stderr=sys.stdout, check=False).returncode
    except OSError as e:
        print("guest: %s" % e)
        status = 127
    off(status if status >= 0 else 128 - status)


main()
