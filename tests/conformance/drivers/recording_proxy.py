"""Hands each request on to 127.0.0.1 and writes down which call of AWS it was:  recording_proxy.py PORT BACK-PORT ACCOUNT FILE

A line of FILE is {"action", "resource", "context"} as IAM would be asked.  CloudFormation and STS name the action in the body; S3's
is told from method and path, by the permission that the operation needs.
"""
import http.client
import http.server
import json
import sys
import urllib.parse

PORT, BACK, ACCOUNT, FILE = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
S3_OBJECT = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "POST": "PutObject", "DELETE": "DeleteObject"}


def of_s3(method, parts):
    bucket, _, key = urllib.parse.unquote(parts.path).strip("/").partition("/")
    context = {"aws:ResourceAccount": ACCOUNT}
    if key:
        return {"action": f"s3:{S3_OBJECT[method]}", "resource": f"arn:aws:s3:::{bucket}/{key}", "context": context}
    action = "GetBucketLocation" if "location" in parts.query else "ListBucket" if method in ("GET", "HEAD") else method
    return {"action": f"s3:{action}", "resource": f"arn:aws:s3:::{bucket}", "context": context}


def of_query(service, region, body):
    """The services of the query protocol.  CloudFormation's resource is the stack; a call about none has none."""
    form = {key: values[0] for key, values in urllib.parse.parse_qs(body.decode("utf-8", "replace")).items()}
    stack, role = form.get("StackName"), form.get("RoleARN")
    if stack and not stack.startswith("arn:"):
        stack = f"arn:aws:{service}:{region}:{ACCOUNT}:stack/{stack}/0a1b2c"
    return {"action": f"{service}:{form.get('Action', 'unknown')}", "resource": stack or "*",
            "context": {"cloudformation:RoleArn": role} if role else {}}


def call_of(method, path, headers, body):
    scope = headers.get("Authorization", "").split("/")
    region, service = scope[2:4] if len(scope) > 3 else ("unknown", "unknown")
    return of_s3(method, urllib.parse.urlsplit(path)) if service == "s3" else of_query(service, region, body)


class Proxy(http.server.BaseHTTPRequestHandler):
    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        back = http.client.HTTPConnection("127.0.0.1", BACK, timeout=120)
        headers = {key: value for key, value in self.headers.items() if key.lower() not in ("connection", "expect")}
        back.request(self.command, self.path, body, headers)
        answer = back.getresponse()
        data = answer.read()
        with open(FILE, "a", encoding="utf-8") as out:
            out.write(json.dumps({**call_of(self.command, self.path, self.headers, body), "status": answer.status}) + "\n")
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
