/* The dialect of regular expressions that rules are written in, into PCRE2's. */
#ifndef SG_GUARD_DIALECT_H
#define SG_GUARD_DIALECT_H

#include "base/base.h"

/* Writes the pattern as PCRE2 must read it to mean what cfn-guard's engine (Rust's fancy-regex 0.13) means; or says why
 * it is refused: what that engine does not have, and set operations within [], which PCRE2 does not have. */
const char *guard_dialect(struct sg_str pattern, struct sg_buf *out);

#endif
