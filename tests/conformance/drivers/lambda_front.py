"""Lambda's invoke call in front of AWS's Runtime Interface Emulator:  lambda_front.py PORT RIE-PORT FUNCTION-NAME

RIE knows one function, named "function", takes any bytes as the event, dies of two calls at once, and says nothing of errors
in its headers.  This answers for FUNCTION-NAME as the service does, one call after the other, on 127.0.0.1.
"""
import http.client
import http.server
import json
import re
import sys
import threading
import urllib.parse

PORT, RIE_PORT, NAME = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
ONE_AT_A_TIME = threading.Lock()


def function_error(status, body):
    """The answer as the service words it, and whether it is an error of the function."""
    if status != 200:
        return body or b'{"errorType":"Runtime.ExitError","errorMessage":"the runtime ended"}', True
    try:
        answer = json.loads(body)
    except ValueError:
        return json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": body.decode("utf-8", "replace")}).encode(), True
    return body, isinstance(answer, dict) and {"errorType", "errorMessage"} <= answer.keys()


class Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, kind, message):
        self.answer(status, json.dumps({"Type": "User", "Message": message}).encode(), x_amzn_ErrorType=kind)

    def do_POST(self):
        event = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        called = re.fullmatch(r"/2015-03-31/functions/([^/]+)/invocations", urllib.parse.urlsplit(self.path).path)
        if not called or urllib.parse.unquote(called[1]) != NAME:
            return self.refuse(404, "ResourceNotFoundException", "Function not found")
        try:
            json.loads(event or b"{}")
        except ValueError:
            return self.refuse(400, "InvalidRequestContentException", "Could not parse request body into json")
        with ONE_AT_A_TIME:
            emulator = http.client.HTTPConnection("127.0.0.1", RIE_PORT, timeout=120)
            emulator.request("POST", "/2015-03-31/functions/function/invocations", event or b"{}")
            reply = emulator.getresponse()
            body, failed = function_error(reply.status, reply.read())
        headers = {"X_Amz_Executed_Version": "$LATEST"}
        if failed:
            headers["X_Amz_Function_Error"] = "Unhandled"
        self.answer(200, body, **headers)


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Front).serve_forever()
