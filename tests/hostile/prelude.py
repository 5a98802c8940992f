# Goes before every script of tests/hostile/*.txt that does not say `bare:`.
import ctypes, os, sys
F = input_data
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(name, *args):
    """A system call by name; raises OSError like Python's own."""
    args = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    r = libc.syscall(ctypes.c_long(F["nr"].get(name, 9999)), *args)
    if r == -1:
        raise OSError(ctypes.get_errno(), name)
    return r
def got(*tries):
    """What was not refused: the number of the attempt, and what came of it."""
    made = []
    for i, f in enumerate(tries):
        try:
            made.append([i, repr(f())[:80]])
        except Exception:
            pass
    return made
def read(path, n=4096):
    with open(path, "rb") as f:
        return f.read(n)
def write(path, data=b"x"):
    with open(path, "wb") as f:
        f.write(data)
