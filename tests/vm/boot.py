#!/usr/bin/env python3
"""Runs one command in a small machine of its own: Debian's kernel under qemu, with what this machine has that the command needs.

    tests/vm/boot.py --kernel FILE [--memory MB] [--seconds N] [--file PATH]... [--program NAME]... [--env NAME]... -- COMMAND [ARGUMENT...]

A second kernel says what the first cannot: memory in cgroups of version 2 where this machine has bound the controller to version
1, and the kernel series of Amazon Linux 2023 (6.1).  It is emulated: that takes ten times as long, and needs nothing of this
machine.  The machine has no disk and no network but its loopback
(qemu's -nic none).  Its files are copies: Python, programs by --program with their libraries, and each --file at the same path.

The exit status is the command's; 125: the machine did not come up or did not end in time.
"""
import argparse
import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ALWAYS = ["sh", "mount", "cp", "mkdir", "chmod", "switch_root"]
KINDS = {"x86_64": (["-cpu", "max"], "ttyS0"), "aarch64": (["-M", "virt", "-cpu", "max"], "ttyAMA0")}
NAMES = ["/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld.so.cache"]
BEGIN, END = "vm: begin", "vm: end "


def fail(why):
    print("tests/vm/boot.py: %s" % why, file=sys.stderr)
    sys.exit(125)


# ------------------------------------------------------------------------------------------------ the files

class Tree:
    def __init__(self, top):
        self.top, self.seen = top, set()
        for folder in ("proc", "sys", "dev", "new", "tmp", "run", "root"):
            os.makedirs(os.path.join(top, folder))
        for link in ("bin", "sbin", "lib", "lib64"):  # as Debian has it: /bin is /usr/bin
            os.makedirs(os.path.join(top, "usr", link))
            os.symlink("usr/" + link, os.path.join(top, link))

    def place(self, path):
        """Where `path` goes, its folders made, its links resolved as the machine's own are."""
        folder, name = os.path.split(path)
        where = self.top + os.path.realpath(folder)
        os.makedirs(where, exist_ok=True)
        return os.path.join(where, name)

    def add(self, path):
        if path in self.seen:
            return
        self.seen.add(path)
        to = self.place(path)
        if os.path.islink(path):
            os.symlink(os.readlink(path), to)
            self.add(os.path.join(os.path.dirname(path), os.readlink(path)))
        elif os.path.isdir(path):
            shutil.copytree(path, to, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "test", "*.a", ".git"))
        else:
            shutil.copy2(path, to)

    def program(self, path):
        self.add(path)
        for library in libraries([path]):
            self.add(library)


def libraries(files):
    said = subprocess.run(["ldd", *files], capture_output=True, text=True, check=False).stdout
    return sorted(set(re.findall(r"(/\S+) \(0x", said)))


def python(tree):
    """Debian's, which the executor finds, whatever runs this."""
    tree.program("/usr/bin/python3")
    stdlib = subprocess.run(["/usr/bin/python3", "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"], capture_output=True, text=True,
                            check=True).stdout.strip()
    tree.add(stdlib)
    for library in [*libraries(glob.glob(stdlib + "/lib-dynload/*.so")), *glob.glob("/usr/lib/*-linux-gnu/libpython3.*.so.1.0")]:
        tree.add(library)


def initramfs(tree, a, to):
    for name in NAMES:
        if os.path.exists(name):
            tree.add(name)
    python(tree)
    for name in ALWAYS + a.program:
        found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
        tree.program(found or fail("%s is not there" % name))
    for path in a.file:
        tree.add(os.path.abspath(path))
        if os.access(path, os.X_OK) and not os.path.isdir(path):
            tree.program(os.path.abspath(path))
    shutil.copy(HERE / "init.sh", os.path.join(tree.top, "init"))
    shutil.copy(HERE / "guest.py", os.path.join(tree.top, "guest.py"))
    with open(os.path.join(tree.top, "command"), "w", encoding="utf-8") as f:
        f.write("\0".join([os.getcwd(), *a.command]))
    with open(os.path.join(tree.top, "environment"), "w", encoding="utf-8") as f:
        f.write("\0".join("%s=%s" % (k, os.environ[k]) for k in a.env if k in os.environ))
    names = subprocess.run(["find", ".", "-print0"], cwd=tree.top, capture_output=True, check=True).stdout
    with open(to, "wb") as out:
        subprocess.run(["cpio", "-0", "-o", "-H", "newc", "-R", "0:0", "--quiet"], cwd=tree.top, input=names, stdout=out, check=True)


# ------------------------------------------------------------------------------------------------ the machine

def boot(a, image):
    """The command's lines go to standard output as they come; its exit status, or None."""
    kind, console = KINDS[os.uname().machine]
    machine = subprocess.Popen(
        ["timeout", "-k", "5", str(a.seconds), "qemu-system-" + os.uname().machine, *kind, "-accel", "tcg,thread=multi", "-smp", "2",
         "-m", str(a.memory), "-nographic", "-no-reboot", "-nic", "none", "-kernel", a.kernel, "-initrd", image,
         "-append", "console=%s quiet loglevel=1 panic=-1 mitigations=off cgroup_no_v1=all" % console],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace")
    status, begun, before = None, False, []
    for line in machine.stdout:
        line = line.rstrip("\r\n")
        if line.endswith(BEGIN):
            begun = True
        elif line.startswith(END):
            status = int(line[len(END):])
        elif begun:
            print(line, flush=True)
        else:
            before.append(line)
    machine.wait()
    if not begun:
        print("\n".join(before[-60:]), file=sys.stderr)
    return status


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--memory", type=int, default=1536)
    parser.add_argument("--seconds", type=int, default=1800)
    parser.add_argument("--file", action="append", default=[])
    parser.add_argument("--program", action="append", default=[])
    parser.add_argument("--env", action="append", default=[])
    parser.add_argument("command", nargs="+")
    a = parser.parse_args()
    if not os.path.exists(a.kernel):
        fail("%s is not there; tests/vm/get-kernel fetches Debian's" % a.kernel)
    with tempfile.TemporaryDirectory(prefix="vm.") as folder:
        os.mkdir(folder + "/tree")
        image = folder + "/initramfs"
        initramfs(Tree(folder + "/tree"), a, image)
        status = boot(a, image)
    if status is None:
        fail("the machine did not end by itself")
    sys.exit(status)


main()
