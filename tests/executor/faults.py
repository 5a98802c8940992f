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
LATE = b'{"script": "import time\\ntime.sleep(0.5)"}'  # so that its answer is posted after what is done to the API
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


class Close(Exception):
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
STATUSES = (400, 401, 403, 404, 408, 410, 413, 429, 500, 502, 503, 504)


class Api(threading.Thread):
    """Answers a first /next with the bytes of `nexts`, each POST with those of `posts`, which is asked for its path; every
    further /next has `later`, or waits.  `shut` is called once the event is out, and the connection with it is closed then."""

    def __init__(self, nexts, posts, read_posts=True, later=None, shut=None):
        super().__init__(daemon=True)
        self.nexts, self.posts, self.read_posts, self.later, self.shut = nexts, posts, read_posts, later, shut
        self.asked, self.posted, self.closed = 0, [], False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(0.05)
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while not self.closed:
            try:
                connection = self.listener.accept()[0]
            except TimeoutError:
                continue
            except OSError:
                return
            connection.settimeout(None)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def stop(self):
        self.closed = True
        self.join()
        self.listener.close()

    def serve(self, c):
        try:
            while self.one(c):
                pass
        except Reset:
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except Stall:
            time.sleep(60)
        except (Close, OSError):
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
            if self.asked > 1 and not self.later:
                raise Stall
            pieces = self.nexts() if self.asked == 1 else self.later()
        else:
            if not self.read_posts:
                raise Stall
            left = int(re.search(rb"(?i)content-length: (\d+)", request)[1]) - len(rest)
            while left > 0:
                part = c.recv(65536)
                left -= len(part)
                rest += part
            self.posted.append((request.split()[1].decode(), rest))
            pieces = self.posts(self.posted[-1][0])
        for piece in pieces:
            c.sendall(piece)
        if self.shut and self.asked:
            self.shut(self)
            return False
        return True


def refuses(api):
    """Nothing listens there any more."""
    api.stop()


def accepts_nobody(api):
    """It listens, but takes no connection: once its queue is full a connection is never made."""
    api.closed, api.waiting = True, []
    api.join()
    api.listener.listen(0)
    for _ in range(4):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", api.port))
        api.waiting.append(s)


def whole(data):
    return lambda path="": iter([fresh(data)])


def status(code):
    return whole(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % code)


# (title, what /next says, kind of the answer ("" for success) or None where the program ends, within seconds)
NEXTS = [
    ("as it should be", whole(full()), "", 5),
    ("one byte at a time", lambda: piecemeal(full(), 0.003), "", 8),
    ("a byte now and then", lambda: piecemeal(full(), 0.4), None, SLOW_S + 3),
    ("reset at once", lambda: cut(b"", Reset), None, 5),
    ("reset in the headers", lambda: cut(full()[:40], Reset), None, 5),
    ("reset in the body", lambda: cut(full()[:-5], Reset), None, 5),
    ("closed at once", lambda: cut(b"", Close), None, 5),
    ("closed in the headers", lambda: cut(full()[:40], Close), None, 5),
    ("closed in the body", lambda: cut(full()[:-5], Close), None, 5),
    ("stall in the headers", lambda: cut(full()[:40], Stall), None, SLOW_S + 3),
    ("stall in the body", lambda: cut(full()[:-5], Stall), None, SLOW_S + 3),
    ("endless headers", lambda: endless(b"HTTP/1.1 200 X\r\n", b"X-Y: " + b"z" * 60000 + b"\r\n"), None, SLOW_S + 3),
    ("an endless body", lambda: endless(head(length=1 << 40), b"z" * 65536), None, SLOW_S + 3),
    ("endless chunks", lambda: endless(head(more="Transfer-Encoding: chunked\r\n"), b"10000\r\n" + b"z" * 65536 + b"\r\n"), None, SLOW_S + 3),
    ("a header of a megabyte", whole(full(more="X-Long: " + "y" * 1000000 + "\r\n")), "", 8),
    *[("status %d" % s, whole(full(status=s)), None, 5) for s in (100, 202, 204, 301, *STATUSES)],
    ("no HTTP", whole(b"SSH-2.0-x\r\n\r\n"), None, 5),
    ("nothing but a line end", whole(b"\r\n" * 3), None, SLOW_S + 3),
    ("a body that is no JSON", whole(full(b"{")), "bad_request", 5),
    ("a body with something behind the JSON", whole(full(EVENT + b"}")), "bad_request", 5),
    ("a body that is no object", whole(full(b"[42]")), "bad_request", 5),
    ("a body that is no UTF-8", whole(full(b'{"script": "\xff\xfe"}')), "bad_request", 5),
    ("a body of brackets", whole(full(b"[" * 1000000)), "bad_request", 5),
    ("an empty body", whole(full(b"")), "bad_request", 5),
    ("a body of NULs", whole(full(bytes(1000))), "bad_request", 5),
    ("a body of 20 MB", whole(full(b'{"script": "' + b"x" * 20000000 + b'"}')), "bad_request", 8),
    ("a chunked body", whole(head(more="Transfer-Encoding: chunked\r\n") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(EVENT), EVENT)), "", 5),
    ("a chunk that promises too much", whole(head(more="Transfer-Encoding: chunked\r\n") + b"ffffffffffffffffff\r\n"), None, 5),
    ("two lengths", whole(head(length=5, more="Content-Length: 25\r\n") + EVENT), None, 5),
    ("a length and chunks", whole(head(length=25, more="Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n"), None, 5),
    ("no length: what comes until it closes", lambda: cut(head() + EVENT, Close), "", 5),
    ("no length: closed in the body", lambda: cut(head() + EVENT[:-1], Close), "bad_request", 5),
    ("no length: reset in the body", lambda: cut(head() + EVENT[:-1], Reset), None, 5),
    ("no header at all", lambda: cut(b"HTTP/1.1 200 X\r\n\r\n" + EVENT, Close), None, 5),
    ("no request id", whole(full(rid=None)), None, 5),
    ("an empty request id", whole(full(rid="")), None, 5),
    ("a request id that is a path", whole(full(rid="../../x")), None, 5),
    ("a request id with a line end in it", whole(full(rid="a%0d%0ab")), None, 5),
    ("a request id of 1000 bytes", whole(full(rid="a" * 1000)), None, 5),
    ("no deadline", whole(full(deadline="")), "", 5),
    ("a deadline that is no number", whole(full(deadline="soon")), "", 5),
    ("a negative deadline", whole(full(deadline="-5")), "", 5),
    ("a deadline that is over", whole(full(deadline="1000")), "timeout", 5),
    ("a deadline of a hundred years", whole(full(deadline="4900000000000")), "", 5),
    ("a deadline of the largest number", whole(full(deadline="9223372036854775807")), "", 5),
    ("a deadline larger than that", whole(full(deadline="9" * 30)), "", 5),
    ("a second event behind the first", whole(full() + full(rid=RID[:-1] + "2")), "", 5),
]
# What the /next after a run says; the program ends, and has run one script.
LATERS = [
    *[("status %d" % s, whole(full(status=s)), 5) for s in STATUSES],
    ("reset at once", lambda: cut(b"", Reset), 5),
    ("reset in the headers", lambda: cut(full()[:40], Reset), 5),
    ("reset in the body", lambda: cut(full()[:-5], Reset), 5),
    ("closed in the body", lambda: cut(full()[:-5], Close), 5),
    ("stall in the body", lambda: cut(full()[:-5], Stall), SLOW_S + 3),
    ("no request id", whole(full(rid=None)), 5),
    ("no HTTP", whole(b"hello\r\n\r\n"), 5),
]
# What a POST says, whichever it is.  (title, bytes, taken as accepted?, it ends at the deadline at the latest?)
POSTS = [
    *[("status %d" % s, status(s), False, False) for s in (200, 301, *STATUSES)],
    ("as it should be", whole(OK), True, False),
    ("one byte at a time", lambda path: piecemeal(OK, 0.01), True, False),
    ("a body of 20 MB", whole(b"HTTP/1.1 202 X\r\nContent-Length: 20000000\r\n\r\n" + b"x" * 20000000), True, False),
    ("a body that is no JSON", whole(b"HTTP/1.1 202 X\r\nContent-Length: 1\r\n\r\n{"), True, False),
    ("no length: what comes until it closes", lambda path: cut(b"HTTP/1.1 202 X\r\n\r\n{}", Close), True, False),
    ("no HTTP", whole(b"hello\r\n\r\n"), False, False),
    *[("%s %s" % (verb, where), lambda path, data=data, how=how: cut(data, how), False, how == Stall)
      for verb, how in (("reset", Reset), ("closed", Close), ("silence", Stall))
      for where, data in (("at once", b""), ("in the headers", b"HTTP/1.1 20"), ("in the body", b"HTTP/1.1 202 X\r\nContent-Length: 9\r\n\r\nx"))],
    ("a byte now and then", lambda path: piecemeal(b"HTTP/1.1 202 X\r\nContent-Length: 0\r\nX-Y: " + b"z" * 99, 0.4), False, True),
    ("endless headers", lambda path: endless(b"HTTP/1.1 202 X\r\n", b"X-Y: " + b"z" * 60000 + b"\r\n"), False, True),
    ("an endless body", lambda path: endless(b"HTTP/1.1 202 X\r\nContent-Length: 1000000000000\r\n\r\n", b"z" * 65536), False, True),
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


def goes_on(api, b, asked):
    """It asks for what comes next, and lives."""
    end = time.monotonic() + 8
    while api.asked < asked and b.process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    return api.asked == asked and b.process.poll() is None


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
        else:
            body = json.loads(json.loads(api.posted[0][1])["body"]) if api.posted else None
            got = body and (body["error"] or {"kind": ""})["kind"]
            found.append(("/next: %s: answered with %r" % (title, kind), got == kind and goes_on(api, b, 2) and len(api.posted) == 1 and
                          runs(b) == 1 and api.posted[0][0].endswith(RID + "/response"), [got, api.posted, b.read_log()]))
    api.stop()


def one_later(found, title, later, patience):
    api = Api(whole(full()), whole(OK), later=later)
    with started(api) as b:
        code = ended(b, patience + 2)
        found.append(("the /next after a run: %s: the program ends after one run" % title, code not in (0, None) and code > 0 and runs(b) == 1 and
                      len(api.posted) == 1 and b.events()[-1]["event"] == "discarded", [code, api.posted, b.read_log()]))
    api.stop()


def one_post(found, title, posts, accepted, read=True, event=EVENT, patience=5.0, shut=None):
    api = Api(whole(full(event, more="Connection: close\r\n" if shut else "")), posts, read, shut=shut)
    with started(api) as b:
        if accepted:
            fine = goes_on(api, b, 2) and runs(b) == 1 and len(api.posted) == 1
            found.append(("/response: %s: goes on" % title, fine, [api.asked, api.posted, b.read_log()]))
        else:
            code = ended(b, patience + 2)
            posted = [p.rsplit("/", 1)[1] for p, _ in api.posted]
            found.append(("/response: %s: the program ends after one run" % title, code is not None and code > 0 and runs(b) == 1 and api.asked == 1
                          and posted in ([], ["response"], ["response", "error"]) and b.events()[-1]["event"] == "discarded",
                          [code, api.asked, posted, b.read_log()]))
    api.stop()


def one_error(found, title, posts, refused):
    """Lambda does not take an answer and waits on: it is told so, once, and then the program ends, whatever is said to that."""
    api = Api(whole(full()), lambda path: (posts if path.endswith("/error") else status(refused))(path))
    with started(api) as b:
        code = ended(b, DEADLINE_S + 5)
        paths = [p.rsplit("/", 2)[1:] for p, _ in api.posted]
        said = json.loads(api.posted[1][1]) if len(api.posted) == 2 else {}
        found.append(("/error after %d: %s: the program ends after one run" % (refused, title), code is not None and code > 0 and runs(b) == 1 and
                      api.asked == 1 and paths == [[RID, "response"], [RID, "error"]] and said["errorType"] == "Sandbox.AnswerRefused" and
                      b.events()[-1]["event"] == "discarded", [code, api.posted, b.read_log()]))
    api.stop()


def one_init(found, title, posts):
    api = Api(whole(full()), posts)
    with started(api, {"AWS_LAMBDA_MAX_CONCURRENCY": "2"}) as b:
        code = ended(b, SLOW_S + 3)
        found.append(("/init/error: %s: the program ends, no event was asked for" % title, code is not None and code > 0 and api.asked == 0
                      and [p for p, _ in api.posted] == ["/2018-06-01/runtime/init/error"], [code, api.asked, api.posted, b.read_log()]))
    api.stop()


def one_refused(found, title, env, event):
    """Nothing listens from the start."""
    api = Api(whole(full()), whole(OK))
    api.stop()
    with started(api, env) as b:
        code = ended(b, 5)
        found.append(("%s: connection refused: the program ends" % title, code is not None and code > 0 and runs(b) == 0 and
                      b.events()[-1]["event"] == event, [code, b.read_log()]))


def jobs():
    for row in NEXTS:
        yield one_next, row
    for row in LATERS:
        yield one_later, row
    for title, posts, accepted, late in POSTS:
        yield one_post, (title, posts, accepted, True, EVENT, DEADLINE_S + 1 if late else 5)
        yield one_error, (title, posts, 413)
        yield one_init, (title, posts)
    yield one_error, ("as it should be", whole(OK), 400)
    yield one_post, ("reset after 5 MB", lambda path: cut(b"", Reset), False, True, LARGE)
    yield one_post, ("nobody reads 5 MB", lambda path: cut(b"", Stall), False, False, LARGE, DEADLINE_S + 1)
    yield one_post, ("connection refused", whole(OK), False, True, LATE, 5, refuses)
    yield one_post, ("nobody accepts", whole(OK), False, True, LATE, DEADLINE_S + 1, accepts_nobody)
    yield one_refused, ("/next", {}, "discarded")
    yield one_refused, ("/init/error", {"AWS_LAMBDA_MAX_CONCURRENCY": "2"}, "refused")


def main():
    tap, found, todo, lock = Tap(), [], list(jobs()), threading.Lock()
    count = len(todo)

    def work():  # those that wait do so beside each other
        while True:
            with lock:
                if not todo:
                    return
                function, row = todo.pop()
            try:
                function(found, *row)
            except Exception as error:
                found.append(("%s: %s" % (function.__name__, row[0]), False, "%s: %s" % (type(error).__name__, error)))

    workers = [threading.Thread(target=work) for _ in range(10)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    for row in sorted(found, key=lambda r: r[0]):
        tap.check(*row)
    tap.equal("every fault was tried", len(found), count)
    tap.done()


if __name__ == "__main__":
    main()
