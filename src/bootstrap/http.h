/*
 * A client for HTTP/1.1 over TCP to one numeric address, as small as the Runtime API allows.  Parsing is llhttp's.
 */
#ifndef SG_BOOTSTRAP_HTTP_H
#define SG_BOOTSTRAP_HTTP_H

#include "sys/sys.h"

#include <netinet/in.h>
#include <sys/socket.h>

struct bs_http {
	struct sockaddr_storage addr;
	socklen_t addr_len;
	char host[64]; /* for the Host header */
	int fd;        /* a connection that is kept, or -1 */
	double until;  /* when a request must be over (sg_sys_now_ms); 0: it waits for a first byte for ever, since the
			* process may be frozen there, and then BS_HTTP_MS for the rest */
};

/* What the Runtime API, which is on this machine, may take for something that nobody waits for. */
enum { BS_HTTP_MS = 10000 };

/* One header that the caller wants; the value is cut at its room. */
struct bs_header {
	const char *name; /* in lower case */
	char value[256];
};

struct bs_response {
	int status;
	struct bs_header *headers; /* n_headers of them, filled in where they are there */
	size_t n_headers;
	struct sg_region *body; /* what does not fit is dropped and `truncated` set; NULL drops all */
	bool truncated;
};

/* Writes a request's body through http_write; false where the connection fails. */
struct bs_body {
	size_t n; /* exactly as many bytes as `write` will write */
	bool (*write)(const struct bs_body *body, struct bs_http *http);
};

/* `endpoint` is "HOST:PORT", HOST a numeric address or "localhost". */
bool bs_http_init(struct bs_http *h, const char *endpoint, struct sg_status *st);
void bs_http_close(struct bs_http *h);

/* One request and its response, until h->until.  `body` is NULL for GET. */
bool bs_http_request(struct bs_http *h, const char *method, const char *path, const char *extra_headers,
		     const struct bs_body *body, struct bs_response *response, struct sg_status *st);
/* For a body's `write`. */
bool bs_http_write(struct bs_http *h, const void *p, size_t n);

#endif
