/*
 * render/ - a specification and the skeletons of templates/ become the files of a deployment: first their bytes,
 * then, all or none, files on disk.
 *
 * It must not judge what it renders: that is the audit's, which cli/ calls in between.
 */
#ifndef SG_RENDER_H
#define SG_RENDER_H

#include "spec/spec.h"

/* ---------------------------------------------------------------------------------------------- bytes */

/* How a file that is on disk is compared with what would be written. */
enum sg_match {
	SG_MATCH_BYTES, /* it is the same, or it differs */
	SG_MATCH_KEYS,  /* samconfig.toml: `sam deploy --guided` adds keys; ours must have our values */
	SG_MATCH_LINES, /* .gitignore: our lines must be among its lines */
};

struct sg_file {
	const char *path; /* "src/sandbox.json" */
	enum sg_match match;
	struct sg_str text;
	const struct sg_spec *spec; /* a template: what it is to be judged by; else NULL */
};

struct sg_file_set {
	struct sg_file *files; /* in the order in which they are written */
	size_t n;
};

/* The bytes of every file but the pages.  They depend on nothing but `spec`.  A value that a format cannot hold is a
 * diagnostic, and false. `out` has room for a page of each template. */
bool sg_render(struct sg_arena *a, const struct sg_spec *spec, struct sg_diags *d, struct sg_file_set *out);
const struct sg_file *sg_file_find(const struct sg_file_set *set, const char *path); /* NULL where there is none */

/* What SANDBOX.md is made of: a template of the set, as it was read and judged. */
struct sg_page_input {
	const struct sg_file *template;
	const struct sg_node *root;       /* its tree */
	const struct sg_sources *sources; /* in which that tree lies */
	const struct sg_findings *findings;
	struct sg_str graph;       /* the walls as mermaid draws them; ends with a line feed */
	const char *const *limits; /* what the rules do not claim; ends with NULL */
};

/* The page for reviewers: what holds, and by which line.  SANDBOX.ENVIRONMENT.md beside template.ENVIRONMENT.yaml. */
struct sg_file sg_render_page(struct sg_arena *a, const struct sg_page_input *in);

/* sandbox.schema.json, which is part of the set too. */
struct sg_file sg_render_schema(struct sg_arena *a);

/* A string so that every YAML reader takes it for this string: an sg_quote for sg_spec_commented(). */
struct sg_str sg_render_quote(struct sg_arena *a, struct sg_str text);

/* ---------------------------------------------------------------------------------------------- the lock */

#define SG_LOCK_NAME "requirements.lock"

/* Whether a pip requirements file (`source`, 0 where there is none) pins each package of the spec with a hash, and
 * has a hash for whatever else it pins.  Each fault is a diagnostic that names the command to make the file. */
bool sg_render_lock(const struct sg_spec *spec, uint32_t source, struct sg_diags *d);

/* ---------------------------------------------------------------------------------------------- the disk */

/* What is where a file of the set would be written. */
enum sg_presence {
	SG_ABSENT,
	SG_CURRENT, /* nothing to do */
	SG_STALE,   /* render wrote it, nobody touched it since, it differs */
	SG_EDITED,  /* render wrote it, somebody changed it since, it differs */
	SG_FOREIGN, /* render did not write it, it differs */
};

struct sg_found {
	const struct sg_file *file;
	enum sg_presence presence;
	struct sg_str text; /* what is there now */
};

/* The directory of a set.  Nothing below it is followed through a symbolic link. */
struct sg_place;

/* `make`: the directory is made where it is missing.  NULL, with `st`, where it cannot be used. */
struct sg_place *sg_place_open(struct sg_arena *a, const char *dir, bool make, struct sg_status *st);
void sg_place_close(struct sg_place *p); /* NULL is fine */

/* Takes the directory for this run, until sg_place_close(), and puts back what a killed run left in between (see
 * sg_place_write).  To be called before comparing, where one is going to write. */
bool sg_place_claim(struct sg_place *p, const struct sg_file_set *set, struct sg_status *st);

/* One row per file of the set, in its order; false where a path is a symbolic link, a directory, unreadable or so. */
bool sg_place_compare(struct sg_place *p, const struct sg_file_set *set, struct sg_found **out, struct sg_status *st);

/* The files beside those of the set that render wrote for an earlier specification (an environment that is gone, a
 * bootstrap.yaml that nobody asks for any more), in the order of their paths; only `path` of each is set. */
bool sg_place_left(struct sg_place *p, struct sg_arena *a, const struct sg_file_set *set, struct sg_file_set *out,
		   struct sg_status *st);

/* The templates that samconfig.toml, as it is on disk and would stay, has a section for, and that are among those files or
 * are gone: only `path` of each is set.  `found` are the rows of sg_place_compare() for `set`. */
struct sg_file_set sg_place_left_sections(struct sg_place *p, struct sg_arena *a, const struct sg_file_set *set,
					  const struct sg_found *found, const struct sg_file_set *left);

/*
 * Writes the files that are not SG_CURRENT, all or none.
 *
 * Every file is written beside its target (.NAME.sandboxgen-new, mode 0644 whatever the umask), synced, and only
 * when all are there they are renamed, one after the other, each target kept as .NAME.sandboxgen-old until the end.
 * On an error the old set is put back.  Signals wait meanwhile.  After SIGKILL or a power cut between two renames
 * the -old files are still there, and the next run puts them back before it does anything else.
 */
bool sg_place_write(struct sg_place *p, const struct sg_found *found, size_t n, struct sg_status *st);

/* ---------------------------------------------------------------------------------------------- differences */

/* A unified diff with three lines of context; nothing where both are the same.  Control characters are shown as they
 * are, but for the terminal's sake, as sg_buf_printable() does it. */
void sg_diff(struct sg_buf *out, const char *old_name, const char *new_name, struct sg_str old, struct sg_str new);

#endif
