/*
 * base/ - what every room stands on: memory, strings, containers, UTF-8, numbers, bounded file reading.
 *
 * It must not know what YAML, AWS or a sandbox is, and uses nothing but libc.
 *
 * Rules of the house that start here:
 *  - The command line program allocates from an arena and never frees piecemeal; running out of memory is
 *    fatal, through sg_oom().  The executor does not use the arena after start-up.
 *  - A length is a size_t, in bytes.  A struct sg_str is a view: it owns nothing and need not end in NUL.
 *  - A function that can fail for a reason of the machine takes a `struct sg_status *`, returns false and leaves
 *    its outputs alone.
 */
#ifndef SG_BASE_H
#define SG_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SG_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define SG_NORETURN __attribute__((noreturn))
#else
#define SG_PRINTF(fmt, args)
#define SG_NORETURN
#endif

/* ---------------------------------------------------------------------------------------------- faults */

/* Says "out of memory" on standard error and exits with 2.  Never returns. */
SG_NORETURN void sg_oom(void);

/* A fault of the program itself: prints where and aborts.  No input may reach one. */
SG_NORETURN void sg_bug(const char *file, int line, const char *what);
#define SG_BUG(what) sg_bug(__FILE__, __LINE__, (what))
#define SG_ASSERT(cond) ((cond) ? (void)0 : sg_bug(__FILE__, __LINE__, #cond))

/* What the machine refused, and what was being done: "cannot read 'x.yaml': Is a directory". */
struct sg_status {
	int error; /* an errno, or 0 where the text says it all */
	char text[512];
};

/* Fills `st` (which may be NULL) and returns false, so that a caller can write `return sg_fail(...)`.
 * With error != 0 the text gets ": " and strerror's words in the C locale. */
bool sg_fail(struct sg_status *st, int error, const char *fmt, ...) SG_PRINTF(3, 4);

/* ---------------------------------------------------------------------------------------------- arena */

/* A region that is freed as a whole.  Not for use by several threads. */
struct sg_arena;

struct sg_arena *sg_arena_new(void);            /* never NULL */
void sg_arena_free(struct sg_arena *a);         /* NULL is fine */
size_t sg_arena_used(const struct sg_arena *a); /* bytes handed out */

/* `size` zeroed bytes, aligned for any type; valid until the arena is freed.  Never NULL. */
void *sg_alloc(struct sg_arena *a, size_t size);

/* n zeroed objects of `size` bytes each; an overflowing product is sg_oom(). */
void *sg_alloc_array(struct sg_arena *a, size_t n, size_t size);

#define SG_NEW(arena, type) ((type *)sg_alloc((arena), sizeof(type)))
#define SG_NEW_ARRAY(arena, n, type) ((type *)sg_alloc_array((arena), (n), sizeof(type)))

/* ---------------------------------------------------------------------------------------------- strings */

/* A view of bytes.  `p` is never NULL where n > 0. */
struct sg_str {
	const char *p;
	size_t n;
};

#define SG_LIT(s) ((struct sg_str){(s), sizeof(s) - 1})
/* For printf's "%.*s": SG_FMT(str) gives the two arguments. */
#define SG_FMT(s) (int)(s).n, (s).n ? (s).p : ""

struct sg_str sg_str(const char *s);                              /* of a C string; NULL is the empty one */
struct sg_str sg_str_sub(struct sg_str s, size_t from, size_t n); /* clipped to s */
bool sg_str_eq(struct sg_str a, struct sg_str b);
bool sg_str_is(struct sg_str a, const char *b);
bool sg_str_is_nocase(struct sg_str a, const char *b); /* ASCII letters alone are folded */
int sg_str_cmp(struct sg_str a, struct sg_str b);      /* by bytes, like memcmp; total */
bool sg_str_starts(struct sg_str s, const char *prefix);
bool sg_str_ends(struct sg_str s, const char *suffix);
/* Offset of the first `needle` at or after `from`, or SIZE_MAX. */
size_t sg_str_find(struct sg_str s, const char *needle, size_t from);
struct sg_str sg_str_trim(struct sg_str s); /* without ASCII white space at both ends */
/* Copies; the result also ends in a NUL that its length does not count. */
struct sg_str sg_str_dup(struct sg_arena *a, struct sg_str s);
const char *sg_cstr(struct sg_arena *a, struct sg_str s); /* NUL-terminated copy */
struct sg_str sg_strf(struct sg_arena *a, const char *fmt, ...) SG_PRINTF(2, 3);
/* Edits needed from a to b (insert, delete, replace, swap neighbours), or `limit` + 1 when more. */
size_t sg_str_distance(struct sg_str a, struct sg_str b, size_t limit);

/* A growing byte buffer on the heap.  {0} is an empty one; the bytes are always followed by a NUL once
 * anything has been added.  Free with sg_buf_free(). */
struct sg_buf {
	char *p;
	size_t n, cap;
};

void sg_buf_free(struct sg_buf *b); /* NULL is fine; leaves {0} */
void sg_buf_add(struct sg_buf *b, const void *p, size_t n);
void sg_buf_addc(struct sg_buf *b, char c);
void sg_buf_adds(struct sg_buf *b, const char *s);
void sg_buf_str(struct sg_buf *b, struct sg_str s);
void sg_buf_addf(struct sg_buf *b, const char *fmt, ...) SG_PRINTF(2, 3);
void sg_buf_vaddf(struct sg_buf *b, const char *fmt, va_list ap);
void sg_buf_fill(struct sg_buf *b, char c, size_t n);            /* n times c */
struct sg_str sg_buf_view(const struct sg_buf *b);               /* until the buffer changes */
struct sg_str sg_buf_take(struct sg_buf *b, struct sg_arena *a); /* moves into the arena, frees the buffer */

/* ---------------------------------------------------------------------------------------------- vectors */

/* SG_VEC(int) v = {0};  SG_PUSH(arena, &v, 7);  v.v[0], v.n.  Growth doubles inside the arena. */
#define SG_VEC(type)           \
	struct {               \
		type *v;       \
		size_t n, cap; \
	}

#define SG_PUSH(arena, vec, item)                                                              \
	do {                                                                                   \
		if ((vec)->n == (vec)->cap)                                                    \
			(vec)->v = sg_grow((arena), (vec)->v, &(vec)->cap, sizeof(*(vec)->v)); \
		(vec)->v[(vec)->n++] = (item);                                                 \
	} while (0)

void *sg_grow(struct sg_arena *a, void *old, size_t *cap, size_t size); /* for SG_PUSH alone */

/* ---------------------------------------------------------------------------------------------- ordered map */

/* String keys to pointers, iterated in the order of insertion.  Keys are kept as views: the caller keeps their
 * bytes alive.  Look-up is expected O(1) whatever the keys are (SipHash with a key drawn per process). */
struct sg_map;

struct sg_map *sg_map_new(struct sg_arena *a);
void *sg_map_get(const struct sg_map *m, struct sg_str key);        /* NULL where absent */
void *sg_map_put(struct sg_map *m, struct sg_str key, void *value); /* the value before, or NULL */
size_t sg_map_size(const struct sg_map *m);
struct sg_str sg_map_key(const struct sg_map *m, size_t i); /* the i-th inserted */
void *sg_map_value(const struct sg_map *m, size_t i);

/* ---------------------------------------------------------------------------------------------- text */

/* Length of the well-formed UTF-8 sequence at s[0] (1 to 4) with its code point in *cp (may be NULL), or 0 where
 * there is none: overlong forms, surrogates and values over U+10FFFF are malformed (RFC 3629). */
size_t sg_utf8_decode(struct sg_str s, uint32_t *cp);
/* Offset of the first byte that is not well-formed UTF-8, or SIZE_MAX. */
size_t sg_utf8_invalid_at(struct sg_str s);
size_t sg_utf8_count(struct sg_str s);           /* characters; each malformed byte counts as one */
size_t sg_utf8_encode(uint32_t cp, char out[4]); /* bytes written; 0 for surrogates and > U+10FFFF */

/* A decimal integer with optional '-', nothing else around it; false on overflow too. */
bool sg_parse_i64(struct sg_str s, int64_t *out);
/* A JSON number's or plain decimal's value, in the C locale whatever setlocale() says. */
bool sg_parse_double(struct sg_str s, double *out);

/* ---------------------------------------------------------------------------------------------- digest */

/* SHA-256 (FIPS 180-4) of what is added.  Start with sg_sha256_start(); after sg_sha256_end() it is used up. */
struct sg_sha256 {
	uint32_t state[8];
	uint64_t bytes;
	unsigned char block[64];
};

void sg_sha256_start(struct sg_sha256 *h);
void sg_sha256_add(struct sg_sha256 *h, struct sg_str s);
void sg_sha256_end(struct sg_sha256 *h, unsigned char digest[32]);

/* ---------------------------------------------------------------------------------------------- files */

/* The bytes of a regular file, at most `max`; "-" is standard input, which may be a pipe.  Anything else that is
 * not a regular file (FIFO, device, socket, directory) is refused without being read, so that no input can hang
 * the program.  The text is followed by a NUL.  On failure `st` says what and why. */
bool sg_file_read(struct sg_arena *a, const char *path, size_t max, struct sg_str *out, struct sg_status *st);

/* ---------------------------------------------------------------------------------------------- embedded files */

/* A file of the source tree that is compiled in; tools/embed.sh makes tables of them, which end with a row of
 * NULL.  The room that uses a table declares it:
 *   extern const struct sg_embedded sg_embedded_policies[];
 *   extern const size_t sg_embedded_policies_count; */
struct sg_embedded {
	const char *name; /* "NET001.md", '/' between folders */
	const char *data; /* followed by a NUL that `size` does not count */
	size_t size;
};

#endif
