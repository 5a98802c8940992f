/*
 * files.c - which files there are, and the line in each that says who wrote it.
 *
 * That line ends with a stamp: a checksum of the rest of the file, by which a later run tells its own untouched files
 * from those that somebody edited.  It is no seal: whoever wants to can make one that fits.
 */
#include "render/render_priv.h"

#include "json/json.h"

#include <inttypes.h>
#include <string.h>

extern const struct sg_embedded sg_embedded_templates[];

enum { STAMP_DIGITS = 16, STAMP_WITHIN = 400 /* bytes of the file in which a stamp is looked for */ };

#define SAYS "Written by sandboxgen from sandbox.yaml: change that, then run `sandboxgen render`. Stamp "

/* How often a file is there. */
enum often {
	ONCE,
	EACH,      /* for each environment, as NAME.ENVIRONMENT.EXTENSION */
	EACH_REPO, /* the same, where the spec says which repository deploys */
};

static const struct row {
	const char *path;     /* as it is written */
	const char *skeleton; /* in templates/ */
	enum sg_format format;
	enum sg_match match;
	enum often often;
} rows[] = {
	{"template.yaml", "template.yaml", SG_FORMAT_YAML, SG_MATCH_BYTES, EACH},
	{"samconfig.toml", "samconfig.toml", SG_FORMAT_TOML, SG_MATCH_KEYS, ONCE},
	{"Makefile", "Makefile", SG_FORMAT_MAKE, SG_MATCH_BYTES, ONCE},
	{"src/lambda_function.py", "lambda_function.py", SG_FORMAT_NONE, SG_MATCH_BYTES, ONCE},
	{"src/sandbox.json", "sandbox.json", SG_FORMAT_JSON, SG_MATCH_BYTES, EACH},
	{".github/workflows/deploy.yml", "deploy.yml", SG_FORMAT_YAML, SG_MATCH_BYTES, ONCE},
	{"bootstrap.yaml", "bootstrap.yaml", SG_FORMAT_YAML, SG_MATCH_BYTES, EACH_REPO},
	{".gitignore", "gitignore", SG_FORMAT_NONE, SG_MATCH_LINES, ONCE},
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

/* ---------------------------------------------------------------------------------------------- the stamp */

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
static uint64_t checksum(uint64_t h, struct sg_str s)
{
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
	return h;
}

uint64_t sg_render_checksum(struct sg_str text)
{
	return checksum(UINT64_C(0xcbf29ce484222325), text);
}

/* Of the whole text but the digits at `at`. */
static struct sg_str stamp_of(struct sg_arena *a, struct sg_str text, size_t at)
{
	uint64_t h = checksum(UINT64_C(0xcbf29ce484222325), sg_str_sub(text, 0, at));
	h = checksum(h, sg_str_sub(text, at + STAMP_DIGITS, SIZE_MAX));
	return sg_strf(a, "%016" PRIx64, h);
}

static size_t stamp_at(struct sg_str text)
{
	size_t at = sg_str_find(sg_str_sub(text, 0, STAMP_WITHIN), SAYS, 0);
	if (at == SIZE_MAX || at + sizeof(SAYS) - 1 + STAMP_DIGITS > text.n)
		return SIZE_MAX;
	return at + sizeof(SAYS) - 1;
}

bool sg_stamp_find(struct sg_str text, bool *intact)
{
	size_t at = stamp_at(text);
	if (at == SIZE_MAX)
		return false;
	struct sg_arena *scratch = sg_arena_new();
	*intact = sg_str_eq(stamp_of(scratch, text, at), sg_str_sub(text, at, STAMP_DIGITS));
	sg_arena_free(scratch);
	return true;
}

struct sg_str sg_render_sign(struct sg_arena *a, enum sg_format format, struct sg_str text)
{
	static const char no_stamp[] = "0000000000000000";
	struct sg_str whole;
	if (format == SG_FORMAT_JSON) {
		SG_ASSERT(sg_str_starts(text, "{\n"));
		struct sg_str rest = sg_str_sub(text, 2, SIZE_MAX);
		whole = sg_strf(a, "{\n  \"$comment\": \"%s%s\",\n%.*s", SAYS, no_stamp, SG_FMT(rest));
	} else if (format == SG_FORMAT_MARKDOWN) {
		whole = sg_strf(a, "<!-- %s%s -->\n%.*s", SAYS, no_stamp, SG_FMT(text));
	} else {
		whole = sg_strf(a, "# %s%s\n%.*s", SAYS, no_stamp, SG_FMT(text));
	}
	size_t at = stamp_at(whole);
	struct sg_str stamp = stamp_of(a, whole, at), front = sg_str_sub(whole, 0, at);
	struct sg_str back = sg_str_sub(whole, at + STAMP_DIGITS, SIZE_MAX);
	return sg_strf(a, "%.*s%.*s%.*s", SG_FMT(front), SG_FMT(stamp), SG_FMT(back));
}

/* ---------------------------------------------------------------------------------------------- the set */

static const char *skeleton_named(const char *name)
{
	for (const struct sg_embedded *e = sg_embedded_templates; e->name; e++)
		if (!strcmp(e->name, name))
			return e->data;
	SG_BUG("a skeleton is not compiled in");
}

struct sg_file sg_render_schema(struct sg_arena *a)
{
	struct sg_buf out = {0};
	struct sg_json w;
	sg_json_init(&w, &out, 2);
	sg_json_node(&w, sg_spec_schema(a));
	if (!sg_str_ends(sg_buf_view(&out), "\n"))
		sg_buf_addc(&out, '\n');
	struct sg_str text = sg_buf_take(&out, a);
	return (struct sg_file){"sandbox.schema.json", SG_MATCH_BYTES, sg_render_sign(a, SG_FORMAT_JSON, text), NULL};
}

const char *sg_render_each(size_t i)
{
	for (size_t k = 0; k < ROWS; k++)
		if (rows[k].often != ONCE && i-- == 0)
			return rows[k].path;
	return i == 0 ? "SANDBOX.md" : NULL;
}

struct filling {
	struct sg_arena *a;
	struct sg_diags *d;
	struct sg_file_set *out;
};

/* "template.prod.yaml" */
static const char *path_in(struct sg_arena *a, const struct row *row, struct sg_str environment)
{
	const char *dot = strrchr(row->path, '.');
	if (row->often == ONCE || !environment.n)
		return row->path;
	return sg_strf(a, "%.*s.%.*s%s", (int)(dot - row->path), row->path, SG_FMT(environment), dot).p;
}

static bool fill_row(struct filling *f, const struct row *row, const struct sg_spec *spec, struct sg_str environment)
{
	struct sg_buf text = {0};
	struct sg_str bad = {0};
	const char *path = path_in(f->a, row, environment);
	if (row->often == EACH_REPO && !spec->repository.set)
		return true;
	if (!sg_skeleton_fill(f->a, skeleton_named(row->skeleton), row->format, sg_scope_new(f->a, spec, environment),
			      &text, &bad)) {
		sg_buf_free(&text);
		sg_diag_file(f->d, SG_ERROR, sg_str(path), NULL, "the value of %.*s cannot be written into it",
			     SG_FMT(bad));
		return false;
	}
	struct sg_str body = sg_buf_take(&text, f->a);
	f->out->files[f->out->n++] = (struct sg_file){path, row->match, sg_render_sign(f->a, row->format, body),
						      strcmp(row->skeleton, "template.yaml") ? NULL : spec};
	return true;
}

bool sg_render(struct sg_arena *a, const struct sg_spec *spec, struct sg_diags *d, struct sg_file_set *out)
{
	struct filling f = {a, d, out};
	size_t n = spec->environments.list.n;
	out->files = SG_NEW_ARRAY(a, (ROWS + 1) * (n + 1) + 1, struct sg_file); /* … and a page for each template */
	out->n = 0;
	for (size_t i = 0; i < ROWS; i++) {
		if (!fill_row(&f, &rows[i], spec, SG_LIT("")))
			return false;
		for (size_t k = 0; rows[i].often != ONCE && k < n; k++)
			if (!fill_row(&f, &rows[i], spec->environments.list.v[k].spec,
				      spec->environments.list.v[k].name))
				return false;
	}
	out->files[out->n++] = sg_render_schema(a);
	return true;
}

const struct sg_file *sg_file_find(const struct sg_file_set *set, const char *path)
{
	for (size_t i = 0; i < set->n; i++)
		if (!strcmp(set->files[i].path, path))
			return &set->files[i];
	return NULL;
}
