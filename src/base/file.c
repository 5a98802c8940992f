/*
 * Bounded reading of files.  What a path may be is decided here once: regular files, and standard input as "-".
 */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *kind_of(mode_t mode)
{
	return S_ISDIR(mode)    ? "it is a directory"
	       : S_ISFIFO(mode) ? "it is a FIFO, not a regular file"
	       : S_ISSOCK(mode) ? "it is a socket, not a regular file"
				: "it is a device, not a regular file";
}

/* Reads to the end, but never more than `max` bytes. */
static bool drain(int fd, const char *name, size_t max, struct sg_buf *b, struct sg_status *st)
{
	char chunk[65536];
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n == 0)
			return true;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sg_fail(st, errno, "cannot read %s", name);
		if ((size_t)n > max - b->n)
			return sg_fail(st, 0, "cannot read %s: larger than the limit of %zu bytes", name, max);
		sg_buf_add(b, chunk, (size_t)n);
	}
}

static bool read_fd(struct sg_arena *a, int fd, const char *name, size_t max, struct sg_str *out, struct sg_status *st)
{
	struct sg_buf b = {0};
	bool ok = drain(fd, name, max, &b, st);
	if (ok)
		*out = sg_str_dup(a, sg_buf_view(&b));
	sg_buf_free(&b);
	return ok;
}

static bool read_regular(struct sg_arena *a, int fd, const char *name, size_t max, struct sg_str *out,
			 struct sg_status *st)
{
	struct stat sb;
	if (fstat(fd, &sb) < 0)
		return sg_fail(st, errno, "cannot read %s", name);
	if (!S_ISREG(sb.st_mode))
		return sg_fail(st, 0, "cannot read %s: %s", name, kind_of(sb.st_mode));
	if (sb.st_size > 0 && (uintmax_t)sb.st_size > max)
		return sg_fail(st, 0, "cannot read %s: larger than the limit of %zu bytes", name, max);
	return read_fd(a, fd, name, max, out, st);
}

bool sg_file_read(struct sg_arena *a, const char *path, size_t max, struct sg_str *out, struct sg_status *st)
{
	if (!strcmp(path, "-"))
		return read_fd(a, STDIN_FILENO, "standard input", max, out, st);
	char name[256];
	struct sg_str quoted = sg_strf(a, "'%s'", path);
	memcpy(name, quoted.p, quoted.n < sizeof(name) ? quoted.n + 1 : sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	/* O_NONBLOCK: opening a FIFO without a writer must not wait for one */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return sg_fail(st, errno, "cannot read %s", name);
	bool ok = read_regular(a, fd, name, max, out, st);
	close(fd);
	return ok;
}
