/*
 * Writes an answer as JSON inside JSON, in one pass and without a copy: every byte goes through the inner escaping
 * (texts), then the outer one (the body as a string), then to the sink.
 */
#include "supervise/supervise_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {
	"",       "syntax",          "exception",        "exit",           "timeout",     "memory",   "output_limit",
	"signal", "result_not_json", "result_too_large", "sandbox_denied", "bad_request", "internal",
};

const char *sg_kind_name(enum sg_error_kind k)
{
	return kind_names[k];
}

void sg_answer_error(struct sg_answer *a, enum sg_error_kind kind, bool reported, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(a->text, sizeof(a->text), fmt, ap);
	va_end(ap);
	a->kind = kind;
	a->reported = reported;
	a->message = sg_str(a->text);
	a->status_code = kind == SG_KIND_BAD_REQUEST ? 400 : kind == SG_KIND_INTERNAL ? 500 : 200;
	a->result = (struct sg_str){0};
	a->result_is_stdout = false;
}

/* Bytes on their way to the sink, gathered into larger pieces. */
struct out {
	struct sg_sink *sink;
	bool outer; /* what is written is inside of a string */
	bool ok;
	size_t n;
	char buf[4096];
};

static void flush(struct out *o)
{
	if (o->ok && o->n)
		o->ok = o->sink->write(o->sink, o->buf, o->n);
	o->n = 0;
}

static void put(struct out *o, const char *p, size_t n)
{
	while (n && o->ok) {
		if (o->n == sizeof(o->buf))
			flush(o);
		size_t part = sizeof(o->buf) - o->n < n ? sizeof(o->buf) - o->n : n;
		memcpy(o->buf + o->n, p, part);
		o->n += part;
		p += part;
		n -= part;
	}
}

/* The escape of a character that cannot stand in a JSON string as it is, or NULL. */
static const char *escape_of(unsigned char c, char room[8])
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	if (c >= 0x20 && c != '"' && c != '\\')
		return NULL;
	for (size_t i = 0; i + 1 < sizeof(letters); i += 2) {
		if (letters[i] != (char)c)
			continue;
		snprintf(room, 8, "\\%c", letters[i + 1]);
		return room;
	}
	snprintf(room, 8, "\\u%04x", c);
	return room;
}

/* JSON text of the body. */
static void put_json(struct out *o, struct sg_str json)
{
	char room[8];
	size_t from = 0;
	for (size_t i = 0; o->outer && i < json.n; i++) {
		const char *e = escape_of((unsigned char)json.p[i], room);
		if (!e)
			continue;
		put(o, json.p + from, i - from);
		put(o, e, strlen(e));
		from = i + 1;
	}
	put(o, json.p + from, json.n - from);
}

static void put_c(struct out *o, const char *json)
{
	put_json(o, sg_str(json));
}

/* A text without quotes around it. */
static void put_chars(struct out *o, struct sg_str text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	char room[8];
	size_t from = 0, i = 0;
	while (i < text.n) {
		unsigned char c = (unsigned char)text.p[i];
		size_t n = c < 0x80 ? 1 : sg_utf8_decode(sg_str_sub(text, i, 4), NULL);
		const char *e = n == 0 ? replacement : c == 0x7f ? "\\u007f" : escape_of(c, room);
		if (!e) {
			i += n;
			continue;
		}
		put_json(o, sg_str_sub(text, from, i - from));
		put_c(o, e);
		from = ++i;
	}
	put_json(o, sg_str_sub(text, from, text.n - from));
}

static void put_string(struct out *o, struct sg_str text)
{
	put_c(o, "\"");
	put_chars(o, text);
	put_c(o, "\"");
}

static void put_f(struct out *o, const char *fmt, ...) SG_PRINTF(2, 3);
static void put_f(struct out *o, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put_c(o, text);
}

/* A character that the cap cut in two is left out. */
static struct sg_str whole_characters(struct sg_str text, bool truncated)
{
	for (size_t back = 1; truncated && back <= 3 && back <= text.n; back++) {
		unsigned char c = (unsigned char)text.p[text.n - back];
		if (c < 0x80)
			break;
		if (c >= 0xc0) {
			if (!sg_utf8_decode(sg_str_sub(text, text.n - back, back), NULL))
				text.n -= back;
			break;
		}
	}
	return text;
}

/* Printed text as a result: without the one newline that print put at its end, for jq -r puts it there again. */
static struct sg_str printed(const struct sg_answer *a)
{
	struct sg_str text = whole_characters(a->out, a->out_truncated);
	if (text.n && text.p[text.n - 1] == '\n')
		text.n--;
	return text;
}

static void put_result(struct out *o, const struct sg_answer *a)
{
	if (a->result_is_stdout)
		put_string(o, printed(a));
	else if (a->result.n)
		put_json(o, a->result);
	else
		put_c(o, "null");
}

static void put_error(struct out *o, const struct sg_answer *a)
{
	if (a->kind == SG_KIND_NONE) {
		put_c(o, "null");
		return;
	}
	put_f(o, "{\"kind\":\"%s\",\"type\":", sg_kind_name(a->kind));
	if (a->type.n)
		put_string(o, a->type);
	else
		put_c(o, "null");
	put_c(o, ",\"message\":");
	put_string(o, a->message);
	if (a->line)
		put_f(o, ",\"line\":%u", (unsigned)a->line);
	else
		put_c(o, ",\"line\":null");
	put_c(o, ",\"traceback\":");
	if (a->traceback.n)
		put_string(o, a->traceback);
	else
		put_c(o, "null");
	put_f(o, ",\"reported\":%s}", a->reported ? "true" : "false");
}

/* Hundredths, written without the locale's decimal point. */
static void put_ms(struct out *o, const char *name, double ms)
{
	unsigned long long hundredths = ms > 0 ? (unsigned long long)(ms * 100 + 0.5) : 0;
	put_f(o, "\"%s\":%llu.%02llu,", name, hundredths / 100, hundredths % 100);
}

static void put_meta(struct out *o, const struct sg_answer *a)
{
	put_f(o, "{\"source\":\"%s\",", a->source ? a->source : "none");
	put_ms(o, "duration_ms", a->duration_ms);
	put_ms(o, "cpu_ms", a->cpu_ms);
	put_f(o, "\"max_rss_kb\":%llu,\"profile\":\"%s\",\"layers\":[", (unsigned long long)a->max_rss_kb,
	      sg_sandbox_profile_name(a->profile));
	uint32_t bit;
	const char *name, *comma = "";
	for (size_t i = 0; (name = sg_sandbox_layer_name(i, &bit)); i++) {
		if (!(a->layers & bit))
			continue;
		put_f(o, "%s\"%s\"", comma, name);
		comma = ",";
	}
	put_f(o, "],\"run_id\":\"%s\"%s}", a->run_id, a->timeout_clamped ? ",\"timeout_clamped\":true" : "");
}

static void put_body(struct out *o, const struct sg_answer *a)
{
	put_c(o, "{\"result\":");
	put_result(o, a);
	put_f(o, ",\"ok\":%s,\"stdout\":", a->kind == SG_KIND_NONE ? "true" : "false");
	put_string(o, whole_characters(a->out, a->out_truncated));
	put_c(o, ",\"stderr\":");
	put_string(o, whole_characters(a->err, a->err_truncated));
	put_f(o, ",\"truncated\":{\"stdout\":%s,\"stderr\":%s},\"error\":", a->out_truncated ? "true" : "false",
	      a->err_truncated ? "true" : "false");
	put_error(o, a);
	put_c(o, ",\"meta\":");
	put_meta(o, a);
	put_c(o, "}");
}

bool sg_answer_write(const struct sg_answer *a, struct sg_sink *sink)
{
	struct out o = {.sink = sink, .ok = true};
	put_f(&o, "{\"statusCode\":%d,\"body\":\"", a->status_code);
	o.outer = true;
	put_body(&o, a);
	o.outer = false;
	put_c(&o, "\"}");
	flush(&o);
	return o.ok;
}

bool sg_answer_write_body(const struct sg_answer *a, struct sg_sink *sink)
{
	struct out o = {.sink = sink, .ok = true};
	put_body(&o, a);
	flush(&o);
	return o.ok;
}

struct counter {
	struct sg_sink sink;
	size_t n;
};

static bool count(struct sg_sink *sink, const char *p, size_t n)
{
	(void)p;
	((struct counter *)sink)->n += n;
	return true;
}

size_t sg_answer_size(const struct sg_answer *a)
{
	struct counter c = {.sink.write = count};
	sg_answer_write(a, &c.sink);
	return c.n;
}

/* ---------------------------------------------------------------------------------------------- as text */

static unsigned hex_at(const char *p)
{
	unsigned value = 0;
	for (size_t i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)p[i];
		value = value << 4 | (c <= '9' ? c - 48U : (c | 0x20U) - 87U);
	}
	return value;
}

/* The character of an escape at p (checked JSON); returns the bytes read. */
static size_t unescape(const char *p, char out[4], size_t *n)
{
	static const char letters[] = "b\bf\fn\nr\rt\t";
	const char *l = strchr(letters, p[1]);
	if (p[1] != 'u') {
		out[0] = l && (l - letters) % 2 == 0 ? l[1] : p[1];
		*n = 1;
		return 2;
	}
	uint32_t unit = hex_at(p + 2);
	size_t read = 6;
	if (unit >= 0xd800 && unit < 0xdc00) {
		unit = 0x10000 + ((unit - 0xd800) << 10) + (hex_at(p + 8) - 0xdc00);
		read = 12;
	}
	*n = sg_utf8_encode(unit, out);
	return read;
}

static void put_unescaped(struct out *o, struct sg_str json)
{
	for (size_t i = 1; i + 1 < json.n;) {
		const char *p = json.p + i, *stop = memchr(p, '\\', json.n - 1 - i);
		size_t n = stop ? (size_t)(stop - p) : json.n - 1 - i;
		put(o, p, n);
		i += n;
		if (!stop)
			continue;
		char text[4];
		i += unescape(json.p + i, text, &n);
		put(o, text, n);
	}
}

bool sg_answer_write_result(const struct sg_answer *a, struct sg_sink *sink)
{
	struct out o = {.sink = sink, .ok = true};
	struct sg_str result = sg_str_trim(a->result);
	if (a->result_is_stdout)
		put(&o, printed(a).p, printed(a).n);
	else if (result.n && result.p[0] == '"')
		put_unescaped(&o, result);
	else
		put_json(&o, result.n ? result : SG_LIT("null"));
	flush(&o);
	return o.ok;
}
