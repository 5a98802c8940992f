/*
 * bootstrap/: the HTTP client against canned responses, whole and in pieces, good and bad.
 */
#include "bootstrap/http.h"
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A server that answers each connection's first request with `bytes`, `piece` bytes at a time, and closes it. */
static pid_t serve(const char *bytes, size_t piece, char endpoint[32])
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(addr);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&addr, n) | listen(listener, 4), 0);
	getsockname(listener, (struct sockaddr *)&addr, &n);
	snprintf(endpoint, 32, "localhost:%d", ntohs(addr.sin_port));
	pid_t pid = fork();
	if (pid)
		return close(listener), pid;
	for (;;) {
		char request[4096];
		int fd = accept(listener, NULL, NULL);
		if (fd < 0 || read(fd, request, sizeof(request)) <= 0)
			_exit(0);
		for (size_t at = 0, left = strlen(bytes); left; at += piece, left -= left < piece ? left : piece) {
			if (send(fd, bytes + at, left < piece ? left : piece, MSG_NOSIGNAL) < 0)
				break;
			usleep(piece < 100 ? 200 : 0);
		}
		close(fd);
	}
}

static bool get(const char *bytes, size_t piece, struct bs_response *response, struct sg_status *st)
{
	char endpoint[32];
	struct bs_http http;
	pid_t pid = serve(bytes, piece, endpoint);
	ck_assert(bs_http_init(&http, endpoint, NULL));
	bool ok = bs_http_request(&http, "GET", "/x", NULL, NULL, response, st);
	bs_http_close(&http);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return ok;
}

START_TEST(responses_whole_and_in_pieces)
{
	static const char *const texts[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nLAMBDA-x: a b\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nlambda-X: a "
		"b\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nLambda-X: a b\r\nConnection: close\r\n\r\nhello",
	};
	static const size_t pieces[] = {1, 7, 10000};
	struct sg_region body;
	ck_assert(sg_region_map(&body, 4096, NULL));
	for (size_t i = 0; i < 9; i++) {
		struct bs_header header = {.name = "lambda-x"};
		struct bs_response response = {.headers = &header, .n_headers = 1, .body = &body};
		struct sg_status st = {0};
		sg_region_reset(&body);
		ck_assert_msg(get(texts[i / 3], pieces[i % 3], &response, &st), "%zu: %s", i, st.text);
		ck_assert_int_eq(response.status, 200);
		ck_assert_str_eq(header.value, "a b");
		ck_assert(sg_str_is(sg_region_view(&body), "hello"));
	}
	sg_region_unmap(&body);
}
END_TEST

START_TEST(a_body_larger_than_its_room_is_cut)
{
	struct sg_region body;
	ck_assert(sg_region_map(&body, 4, NULL));
	struct bs_response response = {.body = &body};
	ck_assert(get("HTTP/1.1 202 Accepted\r\nContent-Length: 6\r\n\r\nabcdef", 100, &response, NULL));
	ck_assert(response.truncated && response.status == 202 && body.n == 4);
	sg_region_unmap(&body);
}
END_TEST

START_TEST(what_is_no_response_fails)
{
	static const char *const texts[] = {
		"",
		"garbage\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
		"HTTP/1.1 200 OK\r\nContent-Le",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct bs_response response = {0};
		struct sg_status st = {0};
		ck_assert_msg(!get(texts[i], 10000, &response, &st), "%zu was taken", i);
		ck_assert(st.text[0]);
	}
}
END_TEST

START_TEST(endpoints)
{
	static const char *const good[] = {"127.0.0.1:9001", "169.254.100.1:9001", "localhost:1", "[::1]:80"};
	static const char *const bad[] = {
		"",        ":",       "127.0.0.1",   "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:8x",
		"host:80", "::1:80x", "256.0.0.1:80"};
	struct bs_http http;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(bs_http_init(&http, good[i], NULL), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(!bs_http_init(&http, bad[i], NULL), "%s", bad[i]);
}
END_TEST

UNIT_MAIN("bootstrap", responses_whole_and_in_pieces, a_body_larger_than_its_room_is_cut, what_is_no_response_fails,
	  endpoints)
