/*
 * write.c - a set of files on disk, all or none (render.h says how).
 *
 * Every name is resolved one component at a time from the directory's descriptor, and never through a symbolic link:
 * a link in a repository must not make us write, or read and show, something outside of it.
 */
#include "render/render_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 4 << 20 /* a file of ours is never larger */ };

struct sg_place {
	struct sg_arena *arena;
	const char *dir;
	int fd;
	bool keep; /* the directory was there before, or something was written into it */
};

static const char *shown(const struct sg_place *p, const char *path)
{
	return strcmp(p->dir, ".") ? sg_strf(p->arena, "%s/%s", p->dir, path).p : path;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* ".template.yaml.sandboxgen-new"; a name that starts with a dot gets no second one. */
static const char *side_name(const struct sg_place *p, const char *path, const char *suffix)
{
	const char *base = base_name(path);
	return sg_strf(p->arena, "%s%s.sandboxgen-%s", base[0] == '.' ? "" : ".", base, suffix).p;
}

/* ---------------------------------------------------------------------------------------------- directories */

/* mkdir with the mode that it is to have, whatever the umask. */
static bool make_dir(int at, const char *name)
{
	return mkdirat(at, name, 0755) == 0 && fchmodat(at, name, 0755, 0) == 0;
}

struct sg_place *sg_place_open(struct sg_arena *a, const char *dir, bool make, struct sg_status *st)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool keep = fd >= 0 || !make;
	if (fd < 0 && errno == ENOENT && make) {
		if (!make_dir(AT_FDCWD, dir))
			return sg_fail(st, errno, "cannot make the directory '%s'", dir), NULL;
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return sg_fail(st, errno, "cannot use the directory '%s'", dir), NULL;
	struct sg_place *p = SG_NEW(a, struct sg_place);
	*p = (struct sg_place){a, dir, fd, keep};
	return p;
}

void sg_place_close(struct sg_place *p)
{
	if (!p)
		return;
	close(p->fd);
	if (!p->keep)
		rmdir(p->dir); /* made for nothing; one that is not empty stays */
}

/* The directory that holds `path`: a new descriptor, or -1 with errno.  `made` gets the directories that had to be
 * made, outermost first; NULL: none is made. */
struct made {
	SG_VEC(const char *) v;
};

static int open_parent(struct sg_place *p, const char *path, struct made *made)
{
	int fd = openat(p->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (const char *slash = strchr(path, '/'), *at = path; fd >= 0 && slash;
	     at = slash + 1, slash = strchr(at, '/')) {
		const char *name = sg_strf(p->arena, "%.*s", (int)(slash - at), at).p;
		int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0 && errno == ENOENT && made && make_dir(fd, name)) {
			SG_PUSH(p->arena, &made->v, sg_strf(p->arena, "%.*s", (int)(slash - path), path).p);
			next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		}
		int error = errno;
		close(fd);
		errno = error;
		fd = next;
	}
	return fd;
}

int sg_place_parent(struct sg_place *p, const char *path)
{
	return open_parent(p, path, NULL);
}

/* ---------------------------------------------------------------------------------------------- reading */

static bool read_all(int fd, struct sg_buf *out)
{
	char chunk[65536];
	ssize_t n;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		sg_buf_add(out, chunk, (size_t)n);
	return n == 0;
}

static bool refuse(struct sg_place *p, const char *path, struct sg_status *st)
{
	bool link = errno == ELOOP || errno == ENOTDIR;
	if (link)
		return sg_fail(st, 0, "'%s' is, or is behind, a symbolic link or no directory: it is left alone",
			       shown(p, path));
	return sg_fail(st, errno, "cannot read '%s'", shown(p, path));
}

static bool read_found(struct sg_place *p, int fd, struct sg_found *found, struct sg_status *st)
{
	struct stat sb;
	struct sg_buf text = {0};
	const char *path = shown(p, found->file->path);
	if (fstat(fd, &sb) < 0)
		return sg_fail(st, errno, "cannot read '%s'", path);
	if (!S_ISREG(sb.st_mode))
		return sg_fail(st, 0, "'%s' is no regular file: it is left alone", path);
	if (sb.st_size > FILE_MAX) {
		found->presence = SG_FOREIGN;
		return true;
	}
	if (!read_all(fd, &text)) {
		sg_buf_free(&text);
		return sg_fail(st, errno, "cannot read '%s'", path);
	}
	found->text = sg_buf_take(&text, p->arena);
	found->presence = sg_compare(found->file, found->text);
	return true;
}

static bool look_at(struct sg_place *p, struct sg_found *found, struct sg_status *st)
{
	const char *path = found->file->path;
	int dir = open_parent(p, path, NULL);
	if (dir < 0)
		return errno == ENOENT || refuse(p, path, st);
	int fd = openat(dir, base_name(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int error = errno;
	close(dir);
	errno = error;
	if (fd < 0)
		return errno == ENOENT || refuse(p, path, st);
	bool ok = read_found(p, fd, found, st);
	close(fd);
	return ok;
}

bool sg_place_compare(struct sg_place *p, const struct sg_file_set *set, struct sg_found **out, struct sg_status *st)
{
	struct sg_found *found = SG_NEW_ARRAY(p->arena, set->n, struct sg_found);
	for (size_t i = 0; i < set->n; i++) {
		found[i] = (struct sg_found){.file = &set->files[i], .presence = SG_ABSENT};
		if (!look_at(p, &found[i], st))
			return false;
	}
	*out = found;
	return true;
}

/* ---------------------------------------------------------------------------------------------- one file */

/* What has been done for a file, so that it can be undone. */
struct step {
	const struct sg_file *file;
	int dir;
	const char *name, *new_name, *old_name;
	bool has_new, has_old, renamed;
};

static bool write_all(int fd, struct sg_str text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text = sg_str_sub(text, (size_t)n, SIZE_MAX);
	}
	return true;
}

/* EINVAL: a file system that cannot sync. */
static bool sync_fd(int fd)
{
	return fsync(fd) == 0 || errno == EINVAL || errno == EROFS;
}

static bool write_new(struct step *s)
{
	unlinkat(s->dir, s->new_name, 0); /* of a run that was killed */
	int fd = openat(s->dir, s->new_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	s->has_new = true;
	bool ok = write_all(fd, s->file->text) && fchmod(fd, 0644) == 0 && sync_fd(fd);
	int error = errno;
	if (close(fd) < 0 && ok) {
		ok = false;
		error = errno;
	}
	errno = error;
	return ok;
}

/* The target, kept under another name: as a second link, or, where there are none, moved. */
static bool keep_old(struct step *s)
{
	unlinkat(s->dir, s->old_name, 0);
	s->has_old = linkat(s->dir, s->name, s->dir, s->old_name, 0) == 0 || errno == ENOENT ||
		     renameat(s->dir, s->name, s->dir, s->old_name) == 0;
	return s->has_old;
}

static bool put_in_place(struct step *s)
{
	if (!keep_old(s) || renameat(s->dir, s->new_name, s->dir, s->name) < 0)
		return false;
	s->has_new = false;
	s->renamed = true;
	return true;
}

/* Before the first rename of a set this only removes what is new. */
static void undo(struct step *s)
{
	if (s->has_old && renameat(s->dir, s->old_name, s->dir, s->name) < 0 && errno == ENOENT && s->renamed)
		unlinkat(s->dir, s->name, 0); /* there was none */
	unlinkat(s->dir, s->old_name, 0);
	if (s->has_new)
		unlinkat(s->dir, s->new_name, 0);
}

/* ---------------------------------------------------------------------------------------------- the set */

struct work {
	struct sg_place *place;
	struct step *steps;
	size_t n;
	struct made made;
};

static bool start(struct work *w, const struct sg_file *file, struct sg_status *st)
{
	struct sg_place *p = w->place;
	int dir = open_parent(p, file->path, &w->made);
	if (dir < 0)
		return sg_fail(st, errno, "cannot write '%s'", shown(p, file->path));
	struct step *s = &w->steps[w->n++];
	*s = (struct step){.file = file, .dir = dir, .name = base_name(file->path)};
	s->new_name = side_name(p, file->path, "new");
	s->old_name = side_name(p, file->path, "old");
	if (!write_new(s))
		return sg_fail(st, errno, "cannot write '%s'", shown(p, file->path));
	return true;
}

static void undo_all(struct work *w)
{
	for (size_t i = w->n; i-- > 0;)
		undo(&w->steps[i]);
	for (size_t i = w->made.v.n; i-- > 0;)
		unlinkat(w->place->fd, w->made.v.v[i], AT_REMOVEDIR);
}

static void finish(struct work *w, bool ok)
{
	for (size_t i = 0; i < w->n; i++) {
		if (ok) {
			sync_fd(w->steps[i].dir);
			unlinkat(w->steps[i].dir, w->steps[i].old_name, 0);
		}
		close(w->steps[i].dir);
	}
}

static bool interrupted(struct sg_status *st)
{
	sigset_t pending;
	if (sigpending(&pending) == 0)
		for (int sig = 1; sig < NSIG; sig++)
			if (sigismember(&pending, sig) == 1 &&
			    (sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT))
				return !sg_fail(st, 0, "interrupted: nothing was written");
	return false;
}

static bool write_set(struct work *w, const struct sg_found *found, size_t n, struct sg_status *st)
{
	for (size_t i = 0; i < n; i++)
		if (found[i].presence != SG_CURRENT && !start(w, found[i].file, st))
			return false;
	if (interrupted(st))
		return false;
	for (size_t i = 0; i < w->n; i++)
		if (!put_in_place(&w->steps[i]))
			return sg_fail(st, errno, "cannot replace '%s'", shown(w->place, w->steps[i].file->path));
	return true;
}

/* ---------------------------------------------------------------------------------------------- the whole */

/* A file of a run that was killed between two renames goes back to where it was; what it was writing goes. */
static bool recover(struct sg_place *p, const char *path, struct sg_status *st)
{
	const char *old = side_name(p, path, "old");
	struct stat sb;
	int dir = open_parent(p, path, NULL);
	if (dir < 0)
		return true; /* then there is nothing; comparing says what is wrong with it */
	bool there = fstatat(dir, old, &sb, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(sb.st_mode);
	bool ok = !there || renameat(dir, old, dir, base_name(path)) == 0;
	int error = errno;
	unlinkat(dir, side_name(p, path, "new"), 0);
	close(dir);
	return ok || sg_fail(st, error, "cannot put '%s' back", shown(p, path));
}

static bool take_lock(struct sg_place *p, struct sg_status *st)
{
	if (flock(p->fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno == EWOULDBLOCK)
		return sg_fail(st, 0, "another sandboxgen is writing into '%s'", p->dir);
	/* a file system without locks */
	return errno == ENOLCK || errno == EOPNOTSUPP || errno == EINVAL ||
	       sg_fail(st, errno, "cannot lock '%s'", p->dir);
}

bool sg_place_claim(struct sg_place *p, const struct sg_file_set *set, struct sg_status *st)
{
	if (!take_lock(p, st))
		return false;
	for (size_t i = 0; i < set->n; i++)
		if (!recover(p, set->files[i].path, st))
			return false;
	return true;
}

bool sg_place_write(struct sg_place *p, const struct sg_found *found, size_t n, struct sg_status *st)
{
	struct work w = {.place = p, .steps = SG_NEW_ARRAY(p->arena, n ? n : 1, struct step)};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	sigset_t all, mask;
	sigfillset(&all);
	sigaction(SIGXFSZ, &ignore, &before); /* a limit on file size is then an error of write() */
	sigprocmask(SIG_BLOCK, &all, &mask);
	bool ok = write_set(&w, found, n, st);
	if (!ok)
		undo_all(&w);
	finish(&w, ok);
	p->keep |= ok;
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGXFSZ, &before, NULL);
	return ok;
}
