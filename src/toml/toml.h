/*
 * toml/ - TOML 1.1 in, as nodes with exact spans: what tomlkit 0.15 reads, with which sam-cli does.
 *
 * For samconfig.toml.  A reader of our own, because Debian has none in C.  It must not know what the documents mean.
 */
#ifndef SG_TOML_H
#define SG_TOML_H

#include "value/value.h"

#define SG_TOML_DEPTH 100   /* of lists and inline tables in each other, and of the parts of one key */
#define SG_TOML_NODES 50000 /* values and keys */

/* The document of a source: a map, whose members stand in the order in which their keys come first.
 * Strings are SG_DOUBLE with their escapes resolved; Booleans and numbers are SG_PLAIN, spelt so that both readings of
 * value.h agree with TOML (1_000 is 1000, 0x10 is 16, inf is .inf); dates and times are SG_DOUBLE as Python's str()
 * prints them ("2026-01-01 07:00:00+00:00").  A table's span is its header, or its first key.
 * What is not TOML, defined twice or past a limit is an error with its place among the diagnostics, and NULL. */
const struct sg_node *sg_toml_load(struct sg_arena *a, uint32_t source, struct sg_diags *diags);

#endif
