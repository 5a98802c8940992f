/*
 * HTTP over one connection that is kept while the server keeps it.  Knows no path and no header of the Runtime API.
 */
#include "bootstrap/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <llhttp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

bool bs_http_init(struct bs_http *h, const char *endpoint, struct sg_status *st)
{
	char host[64];
	const char *colon = strrchr(endpoint, ':');
	int64_t port;
	*h = (struct bs_http){.fd = -1};
	if (!colon || (size_t)(colon - endpoint) >= sizeof(host) || !sg_parse_i64(sg_str(colon + 1), &port) ||
	    port < 1 || port > 65535)
		return sg_fail(st, 0, "AWS_LAMBDA_RUNTIME_API is not HOST:PORT");
	snprintf(host, sizeof(host), "%.*s", (int)(colon - endpoint), endpoint);
	snprintf(h->host, sizeof(h->host), "%.57s:%d", host, (int)port);
	struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	size_t n = strlen(host);
	if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = 0;
		memmove(host, host + 1, n - 1);
	}
	if (inet_pton(AF_INET, strcmp(host, "localhost") ? host : "127.0.0.1", &in4.sin_addr) == 1) {
		memcpy(&h->addr, &in4, sizeof(in4));
		h->addr_len = sizeof(in4);
		return true;
	}
	if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1) {
		memcpy(&h->addr, &in6, sizeof(in6));
		h->addr_len = sizeof(in6);
		return true;
	}
	return sg_fail(st, 0, "AWS_LAMBDA_RUNTIME_API has no numeric address");
}

void bs_http_close(struct bs_http *h)
{
	sg_sys_close(&h->fd);
}

/* A kept connection that the server has closed, or on which it says something unasked, is of no use. */
static bool still_open(const struct bs_http *h)
{
	struct pollfd p = {h->fd, POLLIN | POLLRDHUP, 0};
	return h->fd >= 0 && poll(&p, 1, 0) == 0;
}

static bool open_connection(struct bs_http *h, struct sg_status *st)
{
	if (still_open(h))
		return true;
	sg_sys_close(&h->fd);
	SG_FD fd = socket(h->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return sg_fail(st, errno, "cannot make a socket");
	double left = h->until > 0 ? h->until - sg_sys_now_ms() : BS_HTTP_MS;
	int64_t ms = left < 1 ? 1 : left > BS_HTTP_MS ? BS_HTTP_MS : (int64_t)left;
	struct timeval limit = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
	int rc;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)); /* of connect too */
	do
		rc = connect(fd, (struct sockaddr *)&h->addr, h->addr_len);
	while (rc < 0 && errno == EINTR);
	if (rc < 0)
		return sg_fail(st, errno, "cannot connect to the Runtime API at %s", h->host);
	int on = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* an answer's last bytes do not wait for an ACK */
	h->fd = sg_sys_steal(&fd);
	return true;
}

/* Waits until the connection can be read or written; false when the time is up. */
static bool wait_for(const struct bs_http *h, short events, double until)
{
	const double longest = 60000; /* of one look, so that it fits an int; then it looks again */
	struct pollfd p = {h->fd, events, 0};
	for (;;) {
		double left = until - sg_sys_now_ms();
		if (until > 0 && left <= 0) {
			errno = ETIMEDOUT;
			return false;
		}
		int n = poll(&p, 1, until > 0 ? (int)(left < longest ? left : longest) + 1 : -1);
		if (n > 0 || (n < 0 && errno != EINTR))
			return n > 0;
	}
}

bool bs_http_write(struct bs_http *h, const void *p, size_t n)
{
	const char *at = p;
	double until = h->until > 0 ? h->until : sg_sys_now_ms() + BS_HTTP_MS;
	while (n) {
		if (!wait_for(h, POLLOUT, until))
			return false;
		ssize_t done = send(h->fd, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (done < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (done <= 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

static bool send_request(struct bs_http *h, const char *method, const char *path, const char *extra,
			 const struct bs_body *body, struct sg_status *st)
{
	char head[2048];
	int n = snprintf(head, sizeof(head), "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: sandboxgen\r\n%s", method, path,
			 h->host, extra ? extra : "");
	if (n > 0 && (size_t)n < sizeof(head) && body)
		n += snprintf(head + n, sizeof(head) - (size_t)n, "Content-Length: %zu\r\n", body->n);
	if (n < 0 || (size_t)n + 3 > sizeof(head))
		return sg_fail(st, 0, "a request to the Runtime API is too long");
	memcpy(head + n, "\r\n", 2);
	if (bs_http_write(h, head, (size_t)n + 2) && (!body || body->write(body, h)))
		return true;
	return sg_fail(st, errno, "cannot write to the Runtime API");
}

/* ---------------------------------------------------------------------------------------------- the response */

struct reader {
	struct bs_response *response;
	char field[64];
	size_t field_n;
	struct bs_header *current; /* whose value is being read */
	size_t value_n;
	bool in_value, done, keep;
};

static int on_field(llhttp_t *p, const char *at, size_t n)
{
	struct reader *r = p->data;
	if (r->in_value) {
		r->in_value = false;
		r->field_n = 0;
	}
	for (size_t i = 0; i < n && r->field_n < sizeof(r->field) - 1; i++)
		r->field[r->field_n++] = at[i];
	r->field[r->field_n] = 0;
	return 0;
}

static struct bs_header *wanted(struct reader *r)
{
	for (size_t i = 0; i < r->response->n_headers; i++)
		if (!strcasecmp(r->response->headers[i].name, r->field))
			return &r->response->headers[i];
	return NULL;
}

static int on_value(llhttp_t *p, const char *at, size_t n)
{
	struct reader *r = p->data;
	if (!r->in_value) {
		r->in_value = true;
		r->current = wanted(r);
		r->value_n = 0;
	}
	if (!r->current)
		return 0;
	for (size_t i = 0; i < n && r->value_n < sizeof(r->current->value) - 1; i++)
		r->current->value[r->value_n++] = at[i];
	r->current->value[r->value_n] = 0;
	return 0;
}

static int on_body(llhttp_t *p, const char *at, size_t n)
{
	struct reader *r = p->data;
	if (r->response->body && sg_region_add(r->response->body, at, n) < n)
		r->response->truncated = true;
	return 0;
}

static int on_complete(llhttp_t *p)
{
	struct reader *r = p->data;
	r->done = true;
	r->keep = llhttp_should_keep_alive(p);
	return HPE_PAUSED; /* what follows would be another response, which nobody asked for */
}

static bool read_response(struct bs_http *h, struct bs_response *response, bool *silent, struct sg_status *st)
{
	struct reader r = {.response = response};
	llhttp_settings_t settings;
	llhttp_t parser;
	char buf[16384];
	llhttp_settings_init(&settings);
	settings.on_header_field = on_field;
	settings.on_header_value = on_value;
	settings.on_body = on_body;
	settings.on_message_complete = on_complete;
	llhttp_init(&parser, HTTP_RESPONSE, &settings);
	parser.data = &r;
	*silent = true;
	double until = h->until;
	while (!r.done) {
		if (!wait_for(h, POLLIN, until))
			return sg_fail(st, errno, "the Runtime API does not answer");
		ssize_t n = recv(h->fd, buf, sizeof(buf), 0);
		if (until == 0)
			until = sg_sys_now_ms() + BS_HTTP_MS;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sg_fail(st, errno, "cannot read from the Runtime API");
		enum llhttp_errno e = n ? llhttp_execute(&parser, buf, (size_t)n) : llhttp_finish(&parser);
		*silent = *silent && n == 0;
		if (e != HPE_OK && e != HPE_PAUSED)
			return sg_fail(st, 0, "the Runtime API does not speak HTTP: %s", llhttp_errno_name(e));
		if (n == 0 && !r.done)
			return sg_fail(st, 0, "the Runtime API closed the connection");
	}
	response->status = parser.status_code;
	if (!r.keep)
		sg_sys_close(&h->fd);
	return true;
}

bool bs_http_request(struct bs_http *h, const char *method, const char *path, const char *extra_headers,
		     const struct bs_body *body, struct bs_response *response, struct sg_status *st)
{
	for (int attempt = 0;; attempt++) {
		bool kept = still_open(h), silent = true;
		for (size_t i = 0; i < response->n_headers; i++)
			response->headers[i].value[0] = 0;
		if (!open_connection(h, st))
			return false;
		if (send_request(h, method, path, extra_headers, body, st) && read_response(h, response, &silent, st))
			return true;
		sg_sys_close(&h->fd);
		/* a kept connection may have been closed just now: nothing was answered, so a GET is asked again */
		if (body || !kept || !silent || attempt)
			return false;
	}
}
