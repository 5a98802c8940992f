"""Hostile scripts, each with what it must come to.  `attempt` is given to each: it says what a call came to."""

PRELUDE = '''
import os, sys
def attempt(f, *a):
    try:
        return ["done", repr(f(*a))[:80]]
    except BaseException as e:
        return ["refused", type(e).__name__ + (" %s" % e.errno if isinstance(e, OSError) else "")]
def readable(path):
    try:
        with open(path, "rb") as f:
            return len(f.read(64)) >= 0
    except BaseException:
        return False
'''

# (name, script that sets `result`, test of the result: a function); every script must end with ok
QUIET = [
    ("environment", "result = [dict(os.environ), len(os.environ)]", lambda r: r == [{}, 0]),
    ("environment through libc", """
import ctypes
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
result = [libc.getenv(n.encode()) for n in ("AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "PATH", "_HANDLER")]
""", lambda r: r == [None] * 4),
    ("/proc of itself, the parent and all", """
pids = ["self", str(os.getppid()), "1"] + [str(n) for n in range(1, 400)]
result = [p + "/" + f for p in pids for f in ("environ", "mem", "maps", "cmdline", "fd/0") if readable("/proc/%s/%s" % (p, f))]
""", lambda r: r == []),
    ("memory for planted secrets", """
import gc
planted = "PLANTED"[:3] + "NTEDKEYID"
found = []
for o in gc.get_objects():
    try:
        if isinstance(o, dict):
            found += [1 for v in o.values() if isinstance(v, str) and "ASIA" + planted in v]
    except Exception:
        pass
result = found
""", lambda r: r == []),
    ("sockets of every family", """
import socket
made = []
for family in range(64):
    for kind in (1, 2, 3, 5):
        try:
            s = socket.socket(family, kind)
            made.append([family, kind])
        except OSError:
            pass
result = made
""", lambda r: r == []),
    ("socketpair", "import socket\nresult = attempt(socket.socketpair)[0]", lambda r: r == "refused"),
    ("name look-up", "import socket\nresult = attempt(socket.getaddrinfo, 'example.com', 80)[0]", lambda r: r == "refused"),
    ("listeners of the caller", """
import socket
def reach(family, kind, address):
    s = socket.socket(family, kind)
    s.settimeout(0.5)
    s.connect(address)
    s.send(b"leak")
result = [attempt(reach, socket.AF_INET, 1, ("127.0.0.1", input_data["tcp"]))[0],
          attempt(reach, socket.AF_INET, 2, ("127.0.0.1", input_data["udp"]))[0],
          attempt(reach, socket.AF_UNIX, 1, input_data["unix"])[0],
          attempt(reach, socket.AF_UNIX, 1, chr(0) + input_data["abstract"])[0]]
""", lambda r: r == ["refused"] * 4),
    ("the Runtime API", """
import urllib.request
result = attempt(urllib.request.urlopen, "http://127.0.0.1:%d/2018-06-01/runtime/invocation/next" % input_data["api"])[0]
""", lambda r: r == "refused"),
    ("fork", "result = [attempt(os.fork)[0], attempt(os.forkpty)[0]]", lambda r: r == ["refused"] * 2),
    ("fork bomb", "result = [attempt(os.fork)[0] for _ in range(2000)]", lambda r: set(r) == {"refused"}),
    ("spawn", """
import subprocess
result = [attempt(subprocess.run, ["/bin/true"])[0], attempt(os.posix_spawn, "/bin/true", ["true"], {})[0],
          attempt(os.execv, "/bin/sh", ["sh"])[0] if input_data["filter"] else "refused"]
""", lambda r: r == ["refused"] * 3),
    ("os.system", "result = attempt(os.system, 'true')", lambda r: r[0] == "refused" or r[1] != "0"),
    ("daemon", """
def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                pass
result = attempt(daemon)[0]
""", lambda r: r == "refused"),
    ("kill everyone", """
import signal
result = [attempt(os.kill, p, s)[0] for p in (-1, 0, 1, os.getppid()) for s in (9, 19, 15)
          if p or os.getppid()] if input_data["full"] else []
""", lambda r: set(r) <= {"refused"}),
    ("descriptors that are not its own", """
import stat
kinds = []
for fd in range(1024):
    try:
        kinds.append([fd, stat.S_IFMT(os.fstat(fd).st_mode) == stat.S_IFIFO])
    except OSError:
        pass
result = kinds
""", lambda r: r == [[fd, True] for fd in range(4)]),
    ("writing outside of /tmp", """
result = [p for p in ("/x", "/etc/x", "/usr/x", "/var/task/x", "/opt/x", "/dev/x", "/root/x", "/home/x")
          if attempt(lambda: open(p, "w"))[0] == "done"]
""", lambda r: r == []),
    ("reading what is private", """
result = [p for p in ("/etc/shadow", "/etc/passwd", "/root/.bashrc", "/var/task/sandbox.json", "/sys/kernel/notes")
          if readable(p)] if input_data["full"] else []
""", lambda r: r == []),
    ("devices and mounts", """
result = [attempt(os.mknod, "/tmp/n", 0o600)[0], attempt(os.mkfifo, "/tmp/f")[0]]
""", lambda r: r[0] in ("refused", "done")),
    ("limits", """
import resource
result = [attempt(resource.setrlimit, resource.RLIMIT_NOFILE, (100, 100))[0], attempt(os.nice, -5)[0],
          resource.getrlimit(resource.RLIMIT_CORE)[1]]
""", lambda r: r == ["refused", "refused", 0]),
    ("memory that outlives a run", """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
result = [libc.shmget(0x5347, 4096, 0o1600), libc.msgget(0x5347, 0o1600), libc.semget(0x5347, 1, 0o1600)]
if not input_data["filter"]:
    result = [-1, -1, -1]
""", lambda r: r == [-1, -1, -1]),
    ("no new privileges", "result = attempt(os.setuid, 0)[0]", lambda r: r == "refused"),
    ("io_uring, pidfd, bpf by number", """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
result = [libc.syscall(n, 0, 0, 0, 0, 0, 0) for n in (425, 434, 298, 435)]
""", lambda r: r == [-1] * 4),
]

# (name, script, kinds that are right); a script of these does not end well, and the next run must be clean
LOUD = [
    ("while True", "while True: pass", {"timeout"}),
    ("while True, with handlers", """
import signal
for s in range(1, 65):
    try: signal.signal(s, lambda *a: None)
    except Exception: pass
while True:
    try:
        while True: pass
    except BaseException: pass
""", {"timeout"}),
    ("sleep without an end", "import time\ntime.sleep(1e6)", {"timeout"}),
    ("a pattern that explodes", "import re\nre.match('(a+)+$', 'a' * 40 + 'b')", {"timeout"}),
    ("a number that explodes", "10 ** 10 ** 8 ** 9", {"timeout", "memory"}),
    ("atexit that never ends", "import atexit\natexit.register(lambda: [0 for _ in iter(int, 1)])\nresult = 1", {None}),
    ("os._exit(0)", "import os\nos._exit(0)", {"exit"}),
    ("sys.exit(3)", "import sys\nsys.exit(3)", {"exit"}),
    ("segfault", "import ctypes\nctypes.string_at(0)", {"signal"}),
    ("bad bytecode", "def f(): pass\nf.__code__ = f.__code__.replace(co_code=b'\\xff' * 64)\nf()",
     {"signal", "exception", "exit", "timeout", "memory"}),
    ("C stack", "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(): f()\nf()", {"signal", "memory", "exception", "timeout"}),
    ("memory", "x = []\nwhile True: x.append(bytearray(1 << 20))", {"memory"}),
    ("memory of mappings", "import mmap\nx = [mmap.mmap(-1, 1 << 24) for _ in range(10000)]", {"memory", "exception"}),
    ("7 MB result", "result = 'x' * 7000000", {"result_too_large"}),
    ("60 MB result", "result = 'x' * 60000000", {"result_too_large", "memory", "timeout"}),
    ("200 MB of output", "import os\nwhile True: os.write(1, b'x' * 65536)", {"output_limit"}),
    ("closed descriptors", "import os\nos.closerange(0, 100)\nresult = 1", {"exit"}),
    ("a forged frame", "import os\nos.write(3, b'SGF1' + bytes(24))\nos._exit(0)", {None}),
    ("a forged frame, then an error", "import os\nos.write(3, b'SGF1' + bytes(24))\n1/0", {"exit"}),
    ("a forged frame, then a segfault", "import os, ctypes\nos.write(3, b'SGF1' + bytes(24))\nctypes.string_at(0)", {"signal"}),
    ("a frame that promises 4 GB", "import os\nos.write(3, b'SGF1' + bytes(20) + b'\\xff' * 4)\nos._exit(0)", {"exit"}),
    ("a frame of another kind", "import os\nos.write(3, b'SGF1\\x09' + bytes(23))\nos._exit(0)", {"exit"}),
    ("a result that is not JSON", "import os\nos.write(3, b'SGF1\\0\\1' + bytes(18) + b'\\3\\0\\0\\0NaN')\nos._exit(0)",
     {"result_not_json"}),
    ("junk without end on the result's descriptor", "import os\nwhile True: os.write(3, b'x' * 65536)", {"result_too_large"}),
    ("a record on the setup's descriptor", "import os\nos.write(4, bytes(256))", {"exception"}),
    ("a patched json", "import json\njson.dumps = lambda *a, **k: 'forged'\nresult = 5", {None}),
    ("streams that raise", "import sys\nclass S:\n    def __getattr__(self, n): raise ValueError\nsys.stdout = sys.stderr = S()\nresult = 1",
     {None}),
    ("threads that never end", "import threading, time\nfor i in range(8): threading.Thread(target=time.sleep, args=(1e6,)).start()\nresult = 1",
     {None, "exception"}),
    ("thread bomb", "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(1e6,)).start()",
     {"exception", "memory"}),
]

# scripts for the full profile alone: a filter kills
DENIED = [
    ("ptrace", "import ctypes\nctypes.CDLL(None).syscall(101, 16, 1, 0, 0)"),
    ("process_vm_readv", "import ctypes\nctypes.CDLL(None).syscall(310, 1, 0, 0, 0, 0, 0)"),
    ("mount", "import ctypes\nctypes.CDLL(None).syscall(165, 0, 0, 0, 0, 0)"),
    ("setns", "import ctypes\nctypes.CDLL(None).syscall(308, 0, 0)"),
    ("x32", "import ctypes\nctypes.CDLL(None).syscall(0x40000000 | 39)"),
    ("int 0x80", """
import ctypes, mmap
m = mmap.mmap(-1, 4096, prot=7)
m.write(bytes([0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3]))
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()
"""),
    ("ptrace from shellcode", """
import ctypes, mmap
m = mmap.mmap(-1, 4096, prot=7)
m.write(bytes([0xb8, 101, 0, 0, 0, 0x0f, 0x05, 0xc3]))
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()
"""),
]

# what leaves something behind: each is run, then LEFT must find nothing
LEAVES = """
import os, ctypes
left = []
def leave(f, *a):
    try:
        f(*a); left.append(1)
    except BaseException:
        left.append(0)
leave(os.mkdir, "/tmp/left-dir")
leave(os.symlink, "/etc", "/tmp/left-link")
leave(os.mkfifo, "/tmp/left-fifo")
leave(lambda: open("/tmp/left-file", "w").write("secret"))
leave(lambda: open("/dev/shm/left-file", "w").write("secret"))
libc = ctypes.CDLL(None)
libc.shmget(0x5347, 4096, 0o1600); libc.msgget(0x5347, 0o1600); libc.semget(0x5347, 1, 0o1600)
libc.syscall(248, b"user", b"left-key", b"secret", 6, -4)
deep = "/tmp/left-dir"
for i in range(300):
    deep += "/d"
    leave(os.mkdir, deep)
leave(os.chmod, "/tmp/left-dir", 0)
result = sum(left)
"""
# nothing in it, but the directory itself carries a message
MARKS = """
import os
os.utime("/tmp", (1234567, 7654321))
os.chmod("/tmp", 0o751)
result = 1
"""
LEFT = """
import os, ctypes
libc = ctypes.CDLL(None)
names = ["/tmp/left-dir", "/tmp/left-link", "/tmp/left-fifo", "/tmp/left-file", "/dev/shm/left-file"]
found = []
for n in names:
    try:
        os.lstat(n); found.append(n)
    except OSError:
        pass
if input_data["full"]:
    s = os.stat("/tmp")
    found += [] if (oct(s.st_mode), s.st_mtime_ns == s.st_ctime_ns, os.listdir("/tmp")) == ("0o40700", True, []) else [str(s)]
found += [k for k, v in (("shm", libc.shmget(0x5347, 0, 0)), ("msg", libc.msgget(0x5347, 0)), ("sem", libc.semget(0x5347, 0, 0))) if v >= 0]
if libc.syscall(250, 10, -4, b"user", b"left-key", 0) > 0:
    found.append("key")
result = found
"""
