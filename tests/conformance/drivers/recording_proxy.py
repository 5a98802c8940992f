"""Hands each request on to 127.0.0.1 and writes down which call of AWS it was:  recording_proxy.py PORT BACK-PORT FILE

A line of FILE is "KIND SERVICE:ACTION", KIND being s3-bucket, s3-object or the service.  CloudFormation and STS name the action
in the body; S3's is told from method and path, by the permission that the operation needs.
"""
import http.client
import http.server
import sys
import urllib.parse

PORT, BACK, FILE = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


def name_of(method, path, headers, body):
    service = headers.get("Authorization", "").split("/")
    service = service[3] if len(service) > 3 else "unknown"
    if service != "s3":
        action = urllib.parse.parse_qs(body.decode("utf-8", "replace")).get("Action", ["unknown"])[0]
        return f"{service} {service}:{action}"
    parts = urllib.parse.urlsplit(path)
    is_object = len([part for part in parts.path.split("/") if part]) > 1
    names = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "POST": "PutObject", "DELETE": "DeleteObject"}
    if is_object:
        return f"s3-object s3:{names[method]}"
    return f"s3-bucket s3:{'GetBucketLocation' if 'location' in parts.query else 'ListBucket' if method in ('GET', 'HEAD') else method}"


class Proxy(http.server.BaseHTTPRequestHandler):
    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with open(FILE, "a", encoding="utf-8") as out:
            out.write(name_of(self.command, self.path, self.headers, body) + "\n")
        back = http.client.HTTPConnection("127.0.0.1", BACK, timeout=120)
        headers = {key: value for key, value in self.headers.items() if key.lower() not in ("connection", "expect")}
        back.request(self.command, self.path, body, headers)
        answer = back.getresponse()
        data = answer.read()
        self.send_response(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in ("connection", "transfer-encoding", "content-length", "server", "date"):
                self.send_header(key, value)
        self.send_header("Content-Length", answer.getheader("Content-Length", "0") if self.command == "HEAD" else str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Proxy).serve_forever()
