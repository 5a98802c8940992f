/* The dialect of regular expressions that rules are written in, into PCRE2's. */
#ifndef SG_GUARD_DIALECT_H
#define SG_GUARD_DIALECT_H

#include "base/base.h"

/* Writes the pattern as PCRE2 must read it to mean what cfn-guard's engine (Rust's fancy-regex 0.13) means; or says why
 * it is refused: what that engine does not have. */
const char *guard_dialect(struct sg_str pattern, struct sg_buf *out);

/* ---------------------------------------------------------------------------------------------- within */

/* A pattern that is being read, and what it becomes.  Positions may lie behind its end, where scan_peek() is 0. */
struct scan {
	struct sg_str in;
	size_t at;
	struct sg_buf *out;
};

char scan_peek(const struct scan *s, size_t ahead);
void scan_copy(struct scan *s, size_t n);
/* What begins with a backslash; a [...], within as many as `depth` of them.  NULL, or why it is refused. */
const char *guard_scan_escape(struct scan *s, bool inside);
const char *guard_scan_class(struct scan *s, unsigned depth);

#endif
