/*
 * lock.c - requirements.lock: the user's file, made by pip-tools or uv, from which the bundle's packages are
 * installed.
 *
 * It is only checked here: each package of the spec at its version, and a hash for everything.  What could make pip
 * run code (a source tree, another file, an option) is refused.
 */
#include "render/render_priv.h"

#include <string.h>

struct pin {
	struct sg_str name, version;
	struct sg_span span;
};

struct lock {
	struct sg_diags *d;
	struct sg_arena *a;
	uint32_t source;
	struct sg_map *pins; /* normalised name -> struct pin */
};

static const char *command(struct sg_arena *a, const struct sg_spec *spec)
{
	struct sg_buf out = {0};
	sg_buf_adds(&out, "make it with: printf '%s\\n'");
	for (size_t i = 0; i < spec->packages.list.n; i++)
		sg_buf_addf(&out, " '%.*s'", SG_FMT(spec->packages.list.v[i].text));
	sg_buf_adds(&out, " | pip-compile --generate-hashes --output-file=" SG_LOCK_NAME " -");
	return sg_buf_take(&out, a).p;
}

/* ---------------------------------------------------------------------------------------------- reading */

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\\';
}

/* The next word of a logical line; comments end it. */
static struct sg_str next_word(struct sg_str *rest)
{
	size_t i = 0, end;
	while (i < rest->n && blank(rest->p[i]))
		i++;
	if (i < rest->n && rest->p[i] == '#')
		i = rest->n;
	for (end = i; end < rest->n && !blank(rest->p[end]);)
		end++;
	struct sg_str word = sg_str_sub(*rest, i, end - i);
	*rest = sg_str_sub(*rest, end, SIZE_MAX);
	return word;
}

static bool is_hash(struct sg_str word)
{
	static const char start[] = "--hash=sha256:";
	struct sg_str digits = sg_str_sub(word, sizeof(start) - 1, SIZE_MAX);
	if (!sg_str_starts(word, start) || digits.n != 64)
		return false;
	for (size_t i = 0; i < digits.n; i++)
		if (!strchr("0123456789abcdefABCDEF", digits.p[i]) || !digits.p[i])
			return false;
	return true;
}

static struct sg_span span_of(const struct lock *l, struct sg_str part)
{
	uint32_t start = (uint32_t)(part.p - sg_source_text(sg_diags_sources(l->d), l->source).p);
	return (struct sg_span){l->source, start, start + (uint32_t)part.n};
}

static void fault(struct lock *l, struct sg_str part, const char *hint, const char *what)
{
	sg_diag(l->d, SG_ERROR, span_of(l, part), hint, "%s", what);
}

/* Options of a line of their own: where to look is harmless, as every file has a hash. */
static bool harmless_option(struct sg_str word)
{
	static const char *const options[] = {"-i", "--index-url", "--extra-index-url", "-f", "--find-links"};
	struct sg_str name = sg_str_sub(word, 0, sg_str_find(word, "=", 0));
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (sg_str_is(name, options[i]))
			return true;
	return false;
}

static bool has_hash(struct lock *l, struct sg_str rest)
{
	bool found = false;
	for (struct sg_str word = next_word(&rest); word.n; word = next_word(&rest)) {
		if (is_hash(word))
			found = true;
		else if (sg_str_starts(word, "--"))
			fault(l, word, NULL, "only --hash=sha256:… may stand behind a requirement");
	}
	return found;
}

static void read_requirement(struct lock *l, struct sg_str line)
{
	struct sg_str rest = line, word = next_word(&rest);
	if (!word.n || harmless_option(word))
		return;
	if (sg_str_starts(word, "-")) {
		fault(l, word, "pip would read or build something that has no hash",
		      "this option is not used in a lock");
		return;
	}
	struct sg_str requirement = sg_str_sub(word, 0, sg_str_find(word, ";", 0));
	size_t equals = sg_str_find(requirement, "==", 0);
	if (equals == SIZE_MAX || equals == 0 || sg_str_find(requirement, "/", 0) != SIZE_MAX) {
		fault(l, word, NULL, "a requirement of a lock is name==version, and its hashes");
		return;
	}
	if (!has_hash(l, rest))
		fault(l, word, "pip-compile --generate-hashes writes them", "no --hash=sha256:… for this requirement");
	struct pin *pin = SG_NEW(l->a, struct pin);
	sg_package_split(l->a, requirement, &pin->name, &pin->version);
	pin->span = span_of(l, word);
	sg_map_put(l->pins, pin->name, pin);
}

/* A logical line: a backslash before the line's end continues it. */
static struct sg_str logical_line(struct sg_str *rest)
{
	size_t end = 0;
	for (;; end++) {
		end = sg_str_find(*rest, "\n", end);
		if (end == SIZE_MAX) {
			end = rest->n;
			break;
		}
		size_t last = end && rest->p[end - 1] == '\r' ? end - 1 : end;
		if (!last || rest->p[last - 1] != '\\')
			break;
	}
	struct sg_str line = sg_str_sub(*rest, 0, end);
	*rest = sg_str_sub(*rest, end < rest->n ? end + 1 : end, SIZE_MAX);
	return line;
}

/* ---------------------------------------------------------------------------------------------- judging */

static void judge_package(struct lock *l, const struct sg_setting *package, const char *hint)
{
	struct sg_str name, version;
	sg_package_split(l->a, package->text, &name, &version);
	const struct pin *pin = sg_map_get(l->pins, name);
	if (!pin)
		sg_diag(l->d, SG_ERROR, package->span, hint, SG_LOCK_NAME " does not have %.*s", SG_FMT(package->text));
	else if (!sg_str_eq(pin->version, version))
		sg_diag(l->d, SG_ERROR, package->span, hint, SG_LOCK_NAME " has %.*s %.*s", SG_FMT(name),
			SG_FMT(pin->version));
}

bool sg_render_lock(const struct sg_spec *spec, uint32_t source, struct sg_diags *d)
{
	struct lock l = {d, sg_diags_arena(d), source, sg_map_new(sg_diags_arena(d))};
	size_t before = sg_diags_errors(d);
	const char *hint = command(l.a, spec);
	if (spec->packages.list.n && !source)
		sg_diag(d, SG_ERROR, spec->packages.span, hint,
			"packages need their hashes in " SG_LOCK_NAME ", beside the rendered files");
	if (!spec->packages.list.n || !source)
		return sg_diags_errors(d) == before;
	struct sg_str rest = sg_source_text(sg_diags_sources(d), source);
	while (rest.n)
		read_requirement(&l, logical_line(&rest));
	for (size_t i = 0; i < spec->packages.list.n; i++)
		judge_package(&l, &spec->packages.list.v[i], hint);
	return sg_diags_errors(d) == before;
}
