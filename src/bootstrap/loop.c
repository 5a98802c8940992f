/*
 * The second life: invocations, one by one, as the Runtime API gives them.
 *
 * The paths, headers and status codes are those of AWS's page "Using the Lambda runtime API for custom runtimes".
 */
#include "bootstrap/bootstrap.h"
#include "bootstrap/http.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define API "/2018-06-01/runtime"

void bs_log(const char *event, const char *fmt, ...)
{
	char line[2048], members[1536];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(members, sizeof(members), fmt, ap);
	va_end(ap);
	int n = snprintf(line, sizeof(line), "{\"event\":\"%s\",%s}\n", event, members);
	if (n > 0 && (size_t)n < sizeof(line))
		(void)!write(STDERR_FILENO, line, (size_t)n); /* one write: lines of other processes do not mix in */
}

/* A text of the program's own as JSON; only quotes and backslashes of paths need care. */
static void json_text(char *out, size_t size, const char *text)
{
	size_t n = 0;
	for (; *text && n + 3 < size; text++) {
		if (*text == '"' || *text == '\\')
			out[n++] = '\\';
		out[n++] = (unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f ? '?' : *text;
	}
	out[n] = 0;
}

static void layer_list(char *out, size_t size, uint32_t layers)
{
	uint32_t bit;
	const char *name;
	size_t n = 0;
	out[0] = 0;
	for (size_t i = 0; (name = sg_sandbox_layer_name(i, &bit)); i++)
		if ((layers & bit) && n < size)
			n += (size_t)snprintf(out + n, size - n, "%s\"%s\"", n ? "," : "", name);
}

/* ---------------------------------------------------------------------------------------------- errors to Lambda */

struct text_body {
	struct bs_body body;
	char text[1200];
};

static bool write_text(const struct bs_body *body, struct bs_http *http)
{
	return bs_http_write(http, ((const struct text_body *)body)->text, body->n);
}

static bool post_error(struct bs_http *http, const char *path, const char *type, const char *message)
{
	struct text_body b = {.body.write = write_text};
	struct bs_response response = {0};
	char escaped[1000], headers[160];
	json_text(escaped, sizeof(escaped), message);
	snprintf(b.text, sizeof(b.text), "{\"errorMessage\":\"%s\",\"errorType\":\"%s\",\"stackTrace\":[]}", escaped,
		 type);
	b.body.n = strlen(b.text);
	snprintf(headers, sizeof(headers),
		 "Content-Type: application/vnd.aws.lambda.error+json\r\nLambda-Runtime-Function-Error-Type: %s\r\n",
		 type);
	return bs_http_request(http, "POST", path, headers, &b.body, &response, NULL) && response.status == 202;
}

static int refuse(struct bs_http *http, const char *why)
{
	char escaped[1000];
	json_text(escaped, sizeof(escaped), why);
	bs_log("refused", "\"reason\":\"%s\"", escaped);
	http->until = sg_sys_now_ms() + BS_HTTP_MS;
	post_error(http, API "/init/error", "Sandbox.Refused", why);
	return 1;
}

/* ---------------------------------------------------------------------------------------------- invocations */

enum { REQUEST_ID, DEADLINE, N_HEADERS };

struct answer_body {
	struct bs_body body;
	const struct sg_answer *answer;
};

struct http_sink {
	struct sg_sink sink;
	struct bs_http *http;
};

static bool to_http(struct sg_sink *sink, const char *p, size_t n)
{
	return bs_http_write(((struct http_sink *)sink)->http, p, n);
}

static bool write_answer(const struct bs_body *body, struct bs_http *http)
{
	struct http_sink sink = {.sink.write = to_http, .http = http};
	return sg_answer_write(((const struct answer_body *)body)->answer, &sink.sink);
}

/* A request id becomes part of a path: it must be nothing else. */
static bool good_id(const char *id)
{
	size_t n = strlen(id);
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)id[i]) && id[i] != '-')
			return false;
	return n > 0 && n < 128;
}

/* An answer that Lambda no longer waits for need not be sent. */
static double until_of(int64_t deadline_wall_ms)
{
	double left = deadline_wall_ms > 0 ? (double)(deadline_wall_ms - sg_sys_wall_ms()) : BS_HTTP_MS;
	return sg_sys_now_ms() + (left < 1000 ? 1000 : left);
}

static bool post_answer(struct bs_http *http, const char *id, const struct sg_answer *a)
{
	struct answer_body b = {.body = {.n = sg_answer_size(a), .write = write_answer}, .answer = a};
	struct bs_response response = {0};
	struct sg_status st = {0};
	char path[320];
	snprintf(path, sizeof(path), API "/invocation/%s/response", id);
	if (!bs_http_request(http, "POST", path, "Content-Type: application/json\r\n", &b.body, &response, &st)) {
		bs_log("discarded", "\"reason\":\"the answer could not be sent\"");
		return false;
	}
	if (response.status == 202)
		return true;
	/* what Lambda would not take, it still waits for: the caller is told why there is none */
	if (response.status == 400 || response.status == 413) {
		snprintf(path, sizeof(path), API "/invocation/%s/error", id);
		post_error(http, path, "Sandbox.AnswerRefused", "Lambda refused the answer: its size or its form");
	}
	/* 403: somebody else has answered in our name.  Whatever it is, this environment is no longer trusted. */
	bs_log("discarded", "\"reason\":\"the Runtime API refused the answer\",\"status\":%d", response.status);
	return false;
}

static void log_run(const struct sg_answer *a, size_t request_bytes)
{
	bs_log("run",
	       "\"run_id\":\"%s\",\"ok\":%s,\"kind\":\"%s\",\"source\":\"%s\",\"duration_ms\":%lld,\"cpu_ms\":%lld,"
	       "\"max_rss_kb\":%llu,\"request_bytes\":%zu,\"stdout_truncated\":%s,\"profile\":\"%s\"",
	       a->run_id, a->kind == SG_KIND_NONE ? "true" : "false", sg_kind_name(a->kind), a->source,
	       (long long)a->duration_ms, (long long)a->cpu_ms, (unsigned long long)a->max_rss_kb, request_bytes,
	       a->out_truncated ? "true" : "false", sg_sandbox_profile_name(a->profile));
}

/* One invocation.  False where the environment must be discarded. */
static bool serve_one(struct bs_http *http, struct sg_supervisor *s, struct sg_region *request)
{
	struct bs_header headers[N_HEADERS] = {{.name = "lambda-runtime-aws-request-id"},
					       {.name = "lambda-runtime-deadline-ms"}};
	struct bs_response response = {.headers = headers, .n_headers = N_HEADERS, .body = request};
	struct sg_status st = {0};
	struct sg_answer answer;
	int64_t deadline = 0;
	sg_region_reset(request);
	http->until = 0;
	if (!bs_http_request(http, "GET", API "/invocation/next", NULL, NULL, &response, &st) ||
	    response.status != 200 || !good_id(headers[REQUEST_ID].value)) {
		bs_log("discarded", "\"reason\":\"the Runtime API gave no invocation\",\"status\":%d", response.status);
		return false;
	}
	if (!sg_parse_i64(sg_str(headers[DEADLINE].value), &deadline) || deadline < 0)
		deadline = 0;
	size_t request_bytes = request->n;
	bool healthy = sg_supervise_run(s, request, deadline, &answer);
	log_run(&answer, request_bytes);
	http->until = until_of(deadline);
	bool answered = post_answer(http, headers[REQUEST_ID].value, &answer);
	if (answered && !healthy) /* each discarded environment is one such line: an alarm counts them */
		bs_log("discarded", "\"reason\":\"what a run left could not be cleared away\"");
	return answered && healthy;
}

/* ---------------------------------------------------------------------------------------------- the probe */

static void make_probe(const struct bs_config *c, struct sg_buf *json)
{
	static struct sg_probe probe;
	sg_supervise_probe(&c->supervise, &probe);
	if (c->error[0]) {
		probe.runs = false;
		memcpy(probe.why, c->error, sizeof(probe.why));
	}
	sg_probe_json(&probe, json);
}

int bs_probe(const struct bs_config *c)
{
	struct sg_buf json = {0};
	make_probe(c, &json);
	sg_buf_addc(&json, '\n');
	bool ok = sg_sys_write_all(STDOUT_FILENO, json.p, json.n);
	sg_buf_free(&json);
	return !ok;
}

struct probe_body {
	struct bs_body body;
	struct sg_str text;
};

static bool write_probe(const struct bs_body *body, struct bs_http *http)
{
	struct sg_str text = ((const struct probe_body *)body)->text;
	return bs_http_write(http, text.p, text.n);
}

/* One answer to whatever is asked.  What was sent is dropped unread. */
static bool answer_probe(struct bs_http *http, struct sg_str text)
{
	struct probe_body b = {.body = {.n = text.n, .write = write_probe}, .text = text};
	struct bs_header id = {.name = "lambda-runtime-aws-request-id"};
	struct bs_response next = {.headers = &id, .n_headers = 1}, response = {0};
	char path[320];
	http->until = 0;
	if (!bs_http_request(http, "GET", API "/invocation/next", NULL, NULL, &next, NULL) || next.status != 200 ||
	    !good_id(id.value))
		return false;
	snprintf(path, sizeof(path), API "/invocation/%s/response", id.value);
	http->until = until_of(0);
	return bs_http_request(http, "POST", path, "Content-Type: application/json\r\n", &b.body, &response, NULL) &&
	       response.status == 202;
}

static int serve_probe(const struct bs_config *c, struct bs_http *http)
{
	struct sg_buf json = {0}, answer = {0};
	make_probe(c, &json);
	bs_log("probe", "\"scripts\":%s", "false"); /* SANDBOXGEN_PROBE is set: nothing sent here is run */
	sg_buf_adds(&answer, "{\"statusCode\":200,\"body\":\"");
	for (size_t i = 0; i < json.n; i++) { /* printable ASCII alone */
		if (json.p[i] == '"' || json.p[i] == '\\')
			sg_buf_addc(&answer, '\\');
		sg_buf_addc(&answer, json.p[i]);
	}
	sg_buf_adds(&answer, "\"}");
	while (answer_probe(http, sg_buf_view(&answer)))
		;
	sg_buf_free(&json);
	sg_buf_free(&answer);
	return 1;
}

static void log_start(const struct bs_config *c, const struct sg_supervisor *s)
{
	char layers[512];
	layer_list(layers, sizeof(layers), s->sandbox.layers);
	bs_log("start",
	       "\"profile\":\"%s\",\"floor\":\"%s\",\"layers\":[%s],\"python\":\"%s\",\"script_memory_mb\":%llu,"
	       "\"timeout_ms\":%lld,\"disposable\":%s",
	       sg_sandbox_profile_name(s->sandbox.profile), sg_sandbox_profile_name(c->expected), layers,
	       s->engine.version, (unsigned long long)(s->engine.memory >> 20), (long long)c->supervise.timeout_ms,
	       c->supervise.disposable ? "true" : "false");
}

int bs_serve(const struct bs_config *c)
{
	struct bs_http http;
	struct sg_status st = {0};
	struct sg_supervisor supervisor = {.engine = {.control = -1, .exit.pidfd = -1}};
	struct sg_region request = {0};
	if (!bs_http_init(&http, c->api, &st)) {
		bs_log("refused", "\"reason\":\"AWS_LAMBDA_RUNTIME_API is not an address\"");
		return 1;
	}
	if (c->probe)
		return serve_probe(c, &http);
	if (c->error[0])
		return refuse(&http, c->error);
	if (!sg_region_map(&request, SG_MAX_REQUEST + 1, &st) || !sg_supervise_start(&supervisor, &c->supervise, &st)) {
		sg_supervise_stop(&supervisor);
		return refuse(&http, st.text);
	}
	log_start(c, &supervisor);
	do {
		/* what fails here fails again, and is told, when there is a request */
		sg_supervise_ready(&supervisor, NULL);
	} while (serve_one(&http, &supervisor, &request));
	sg_supervise_stop(&supervisor);
	return 1;
}
