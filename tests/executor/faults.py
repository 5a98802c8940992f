"""A Runtime API that misbehaves, byte by byte: every fault ends in a documented answer or in a clean end of the program, in
time, and no script is run twice.
"""
import json
import os
import re
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, __file__.rsplit("/", 1)[0])
from harness import Bootstrap, Tap  # noqa: E402

RID = "00000000-0000-0000-0000-000000000001"
EVENT = b'{"script": "result = 42"}'
LARGE = b'{"script": "result = \'x\' * 5000000"}'
DEADLINE_S = 3
LATER = "@" * 13  # becomes the deadline when it is sent
SLOW_S = 10  # what the program gives an API that has begun to answer


def head(status=200, length=None, rid=RID, deadline=None, more=""):
    lines = ["HTTP/1.1 %d X" % status]
    if rid is not None:
        lines.append("Lambda-Runtime-Aws-Request-Id: " + rid)
    if deadline != "":
        lines.append("Lambda-Runtime-Deadline-Ms: %s" % (LATER if deadline is None else deadline))
    if length is not None:
        lines.append("Content-Length: %d" % length)
    return ("\r\n".join(lines) + "\r\n" + more + "\r\n").encode()


def full(body=EVENT, **how):
    return head(length=len(body), **how) + body


class Reset(Exception):
    pass


class Stall(Exception):
    pass


def fresh(data):
    return data.replace(LATER.encode(), b"%d" % ((time.time() + DEADLINE_S) * 1000))


def piecemeal(data, pause, size=1):
    data = fresh(data)
    for i in range(0, len(data), size):
        yield data[i:i + size]
        time.sleep(pause)


def cut(data, end):
    yield fresh(data)
    if end:
        raise end


def endless(first, piece):
    yield fresh(first)
    while True:
        yield piece


OK = b"HTTP/1.1 202 X\r\nContent-Length: 0\r\n\r\n"


class Api(threading.Thread):
    """Answers the first /next with the bytes of `nexts`, each POST with those of `posts`; a second /next waits."""

    def __init__(self, nexts, posts, read_posts=True):
        super().__init__(daemon=True)
        self.nexts, self.posts, self.read_posts = nexts, posts, read_posts
        self.asked, self.posted = 0, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, c):
        try:
            while self.one(c):
                pass
        except Reset:
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except Stall:
            time.sleep(60)
        except OSError:
            pass
        c.close()

    def one(self, c):
        data = b""
        while b"\r\n\r\n" not in data:
            part = c.recv(65536)
            if not part:
                return False
            data += part
        request, _, rest = data.partition(b"\r\n\r\n")
        if request.startswith(b"GET"):
            self.asked += 1
            if self.asked > 1:
                raise Stall
            pieces = self.nexts()
        else:
            if not self.read_posts:
                raise Stall
            left = int(re.search(rb"(?i)content-length: (\d+)", request)[1]) - len(rest)
            while left > 0:
                part = c.recv(65536)
                left -= len(part)
                rest += part
            self.posted.append((request.split()[1].decode(), rest))
            pieces = self.posts()
        for piece in pieces:
            c.sendall(piece)
        return True


def whole(data):
    return lambda: iter([fresh(data)])


# (title, what /next says, kind of the answer ("" for success) or None where the program ends, within seconds)
NEXTS = [
    ("as it should be", whole(full()), "", 5),
    ("one byte at a time", lambda: piecemeal(full(), 0.003), "", 8),
    ("reset at once", lambda: cut(b"", Reset), None, 5),
    ("reset in the headers", lambda: cut(full()[:40], Reset), None, 5),
    ("reset in the body", lambda: cut(full()[:-5], Reset), None, 5),
    ("stall in the headers", lambda: cut(full()[:40], Stall), None, SLOW_S + 3),
    ("stall in the body", lambda: cut(full()[:-5], Stall), None, SLOW_S + 3),
    ("endless headers", lambda: endless(b"HTTP/1.1 200 X\r\n", b"X-Y: " + b"z" * 60000 + b"\r\n"), None, SLOW_S + 3),
    ("an endless body", lambda: endless(head(length=1 << 40), b"z" * 65536), None, SLOW_S + 3),
    ("a header of a megabyte", whole(full(more="X-Long: " + "y" * 1000000 + "\r\n")), "", 8),
    *[("status %d" % s, whole(full(status=s)), None, 5) for s in (100, 204, 301, 400, 403, 404, 410, 429, 500, 503)],
    ("no HTTP", whole(b"SSH-2.0-x\r\n\r\n"), None, 5),
    ("nothing but a line end", whole(b"\r\n" * 3), None, SLOW_S + 3),
    ("a body that is no JSON", whole(full(b"{")), "bad_request", 5),
    ("an empty body", whole(full(b"")), "bad_request", 5),
    ("a body of NULs", whole(full(bytes(1000))), "bad_request", 5),
    ("a body of 20 MB", whole(full(b'{"script": "' + b"x" * 20000000 + b'"}')), "bad_request", 8),
    ("a chunked body", whole(head(more="Transfer-Encoding: chunked\r\n") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(EVENT), EVENT)), "", 5),
    ("a chunk that promises too much", whole(head(more="Transfer-Encoding: chunked\r\n") + b"ffffffffffffffffff\r\n"), None, 5),
    ("two lengths", whole(head(length=5, more="Content-Length: 25\r\n") + EVENT), None, 5),
    ("a length and chunks", whole(head(length=25, more="Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n"), None, 5),
    ("no request id", whole(full(rid=None)), None, 5),
    ("an empty request id", whole(full(rid="")), None, 5),
    ("a request id that is a path", whole(full(rid="../../x")), None, 5),
    ("a request id with a line end in it", whole(full(rid="a%0d%0ab")), None, 5),
    ("a request id of 1000 bytes", whole(full(rid="a" * 1000)), None, 5),
    ("no deadline", whole(full(deadline="")), "", 5),
    ("a deadline that is no number", whole(full(deadline="soon")), "", 5),
    ("a negative deadline", whole(full(deadline="-5")), "", 5),
    ("a deadline that is over", whole(full(deadline="1000")), "timeout", 5),
    ("a second event behind the first", whole(full() + full(rid=RID[:-1] + "2")), "", 5),
]
# (title, what a POST says, read it?, event, within seconds); the program ends each time
POSTS = [
    *[("status %d" % s, whole(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % s), True, EVENT, 5) for s in (200, 400, 403, 404, 410, 413, 429, 500, 503)],
    ("reset", lambda: cut(b"", Reset), True, EVENT, 5),
    ("reset in the middle", lambda: cut(b"HTTP/1.1 20", Reset), True, EVENT, 5),
    ("reset after 5 MB", lambda: cut(b"", Reset), True, LARGE, 5),
    ("silence", lambda: cut(b"", Stall), True, EVENT, DEADLINE_S + 3),
    ("silence in the middle", lambda: cut(b"HTTP/1.1 20", Stall), True, EVENT, DEADLINE_S + 3),
    ("nobody reads 5 MB", lambda: cut(b"", Stall), False, LARGE, DEADLINE_S + 3),
    ("no HTTP", whole(b"hello\r\n\r\n"), True, EVENT, 5),
    ("endless", lambda: endless(b"HTTP/1.1 202 X\r\n", b"X-Y: " + b"z" * 60000 + b"\r\n"), True, EVENT, DEADLINE_S + 3),
]


def started(api, env=None):
    return Bootstrap(env={"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:%d" % api.port, **(env or {})})


def ended(b, patience):
    end = time.monotonic() + patience
    while b.process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    return b.process.poll()


def runs(b):
    return len([e for e in b.events() if e["event"] == "run"])


def one_next(found, title, nexts, kind, patience):
    api = Api(nexts, whole(OK))
    with started(api) as b:
        end = time.monotonic() + patience + 2  # the start
        while not api.posted and b.process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        if kind is None:
            code = ended(b, 2)
            found.append(("/next: %s: the program ends" % title, code not in (0, None) and not api.posted and runs(b) == 0 and code > 0,
                          [code, api.posted, b.read_log()]))
            return
        body = json.loads(json.loads(api.posted[0][1])["body"]) if api.posted else None
        got = body and (body["error"] or {"kind": ""})["kind"]
        time.sleep(0.2)
        found.append(("/next: %s: answered with %r" % (title, kind), got == kind and len(api.posted) == 1 and runs(b) == 1 and
                      api.posted[0][0].endswith(RID + "/response"), [got, api.posted, b.read_log()]))
    api.listener.close()


def one_post(found, title, posts, read, event, patience):
    api = Api(whole(full(event)), posts, read)
    with started(api) as b:
        code = ended(b, patience + 2)
        found.append(("/response: %s: the program ends after one run" % title, code is not None and code > 0 and runs(b) == 1 and api.asked == 1
                      and len(api.posted) <= 1 and b.events()[-1]["event"] == "discarded", [code, api.asked, b.read_log()]))
    api.listener.close()


def one_init(found, title, posts):
    api = Api(whole(full()), posts)
    with started(api, {"AWS_LAMBDA_MAX_CONCURRENCY": "2"}) as b:
        code = ended(b, SLOW_S + 3)
        found.append(("/init/error: %s: the program ends, no event was asked for" % title, code is not None and code > 0 and api.asked == 0,
                      [code, api.asked, b.read_log()]))
    api.listener.close()


def main():
    tap, found = Tap(), []
    jobs = [(one_next, row) for row in NEXTS] + [(one_post, row) for row in POSTS]
    jobs += [(one_init, row) for row in (("status 500", whole(b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n")), ("reset", lambda: cut(b"", Reset)),
                                        ("silence", lambda: cut(b"", Stall)), ("no HTTP", whole(b"x\r\n\r\n")))]
    # those that wait do so beside each other
    todo, lock = list(jobs), threading.Lock()

    def work():
        while True:
            with lock:
                if not todo:
                    return
                function, row = todo.pop()
            try:
                function(found, *row)
            except Exception as error:
                found.append((row[0], False, "%s: %s" % (type(error).__name__, error)))

    workers = [threading.Thread(target=work) for _ in range(8)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    for row in sorted(found, key=lambda r: r[0]):
        tap.check(*row)
    tap.equal("every fault was tried", len(found), len(jobs))
    tap.done()


if __name__ == "__main__":
    main()
