/*
 * compare.c - what a file on disk is to us: the same, our own older one, somebody's.
 */
#include "render/render_priv.h"

#include <string.h>

static struct sg_str take_line(struct sg_str *rest)
{
	size_t n = sg_str_find(*rest, "\n", 0);
	struct sg_str line = sg_str_sub(*rest, 0, n);
	*rest = sg_str_sub(*rest, n == SIZE_MAX ? rest->n : n + 1, SIZE_MAX);
	return sg_str_trim(line);
}

/* ---------------------------------------------------------------------------------------------- samconfig.toml */

/* What `sam deploy --guided` asks for and the user may answer otherwise. */
static bool is_users(struct sg_str key)
{
	static const char *const keys[] = {"resolve_s3", "confirm_changeset"};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (sg_str_is(key, keys[i]))
			return true;
	return false;
}

/* "key = value" of a line of TOML, value without the comment behind it. */
static bool key_value(struct sg_str line, struct sg_str *key, struct sg_str *value)
{
	size_t equals = sg_str_find(line, "=", 0);
	if (equals == SIZE_MAX || sg_str_starts(line, "#"))
		return false;
	*key = sg_str_trim(sg_str_sub(line, 0, equals));
	struct sg_str v = sg_str_trim(sg_str_sub(line, equals + 1, SIZE_MAX));
	bool quoted = sg_str_starts(v, "\"") || sg_str_starts(v, "'");
	size_t close = quoted ? sg_str_find(v, (char[]){v.p[0], 0}, 1) : sg_str_find(v, "#", 0);
	*value = close == SIZE_MAX ? v : quoted ? sg_str_sub(v, 1, close - 1) : sg_str_trim(sg_str_sub(v, 0, close));
	return true;
}

bool sg_toml_next(struct sg_str *rest, const char *key, struct sg_str *value)
{
	struct sg_str k;
	while (rest->n)
		if (key_value(take_line(rest), &k, value) && sg_str_is(k, key))
			return true;
	return false;
}

/* The value of a key in one table of a file; false where it is not there. */
static bool toml_get(struct sg_str text, struct sg_str table, struct sg_str key, struct sg_str *value)
{
	struct sg_str here = {0}, k;
	while (text.n) {
		struct sg_str line = take_line(&text);
		if (sg_str_starts(line, "["))
			here = line;
		else if (sg_str_eq(here, table) && key_value(line, &k, value) && sg_str_eq(k, key))
			return true;
	}
	return false;
}

/* `sam deploy` takes its own table before the one for all commands, so that a key must be right in both and be in
 * one. */
static bool toml_has(struct sg_str text, struct sg_str table, struct sg_str key, struct sg_str value)
{
	static const char global[] = ".global.parameters]";
	struct sg_str theirs;
	bool shared = sg_str_ends(table, global), here = toml_get(text, table, key, &theirs);
	struct sg_buf deploy = {0};
	sg_buf_str(&deploy, sg_str_sub(table, 0, table.n - (shared ? sizeof(global) - 1 : 0)));
	sg_buf_adds(&deploy, ".deploy.parameters]");
	bool right = !here || sg_str_eq(theirs, value);
	bool there = shared && toml_get(text, sg_buf_view(&deploy), key, &theirs);
	sg_buf_free(&deploy);
	return right && (here || there) && (!there || sg_str_eq(theirs, value));
}

static bool same_keys(struct sg_str ours, struct sg_str theirs)
{
	struct sg_str table = {0}, key, value, rest = ours;
	if (sg_str_find(theirs, "\"\"\"", 0) != SIZE_MAX || sg_str_find(theirs, "'''", 0) != SIZE_MAX)
		return false; /* a line of such a string could look like a key */
	while (rest.n) {
		struct sg_str line = take_line(&rest);
		if (sg_str_starts(line, "["))
			table = line;
		else if (key_value(line, &key, &value) && !is_users(key) && !toml_has(theirs, table, key, value))
			return false;
	}
	return true;
}

/* ---------------------------------------------------------------------------------------------- .gitignore */

static bool has_line(struct sg_str text, struct sg_str wanted)
{
	while (text.n)
		if (sg_str_eq(take_line(&text), wanted))
			return true;
	return false;
}

static bool same_lines(struct sg_str ours, struct sg_str theirs)
{
	while (ours.n) {
		struct sg_str line = take_line(&ours);
		if (line.n && line.p[0] != '#' && !has_line(theirs, line))
			return false;
	}
	return true;
}

/* ---------------------------------------------------------------------------------------------- */

enum sg_presence sg_compare(const struct sg_file *file, struct sg_str on_disk)
{
	bool intact = false;
	if (sg_str_eq(file->text, on_disk))
		return SG_CURRENT;
	bool ours = sg_stamp_find(on_disk, &intact);
	if (ours && intact)
		return SG_STALE;
	if ((file->match == SG_MATCH_KEYS && same_keys(file->text, on_disk)) ||
	    (file->match == SG_MATCH_LINES && same_lines(file->text, on_disk)))
		return SG_CURRENT;
	return ours ? SG_EDITED : SG_FOREIGN;
}
