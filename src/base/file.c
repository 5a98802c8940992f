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

/* What is read, as messages name it: a path has quotes around it, and is cut where the reason needs the room. */
struct name {
	const char *quote, *text;
};

#define NAME "%s%.250s%s"
#define NAME_ARGS(n) (n).quote, (n).text, (n).quote

/* Reads to the end, but never more than `max` bytes. */
static bool drain(int fd, struct name name, size_t max, struct sg_buf *b, struct sg_status *st)
{
	char chunk[65536];
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n == 0)
			return true;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sg_fail(st, errno, "cannot read " NAME, NAME_ARGS(name));
		if ((size_t)n > max - b->n)
			return sg_fail(st, 0, "cannot read " NAME ": larger than the limit of %zu bytes",
				       NAME_ARGS(name), max);
		sg_buf_add(b, chunk, (size_t)n);
	}
}

static bool read_fd(struct sg_arena *a, int fd, struct name name, size_t max, struct sg_str *out, struct sg_status *st)
{
	struct sg_buf b = {0};
	bool ok = drain(fd, name, max, &b, st);
	if (ok)
		*out = sg_str_dup(a, sg_buf_view(&b));
	sg_buf_free(&b);
	return ok;
}

/* Most files are as long as they say: their bytes are read to where they stay, and room for one more shows
 * that this is the end. */
static bool read_sized(struct sg_arena *a, int fd, size_t size, struct sg_str *out)
{
	char *p = sg_alloc(a, size + 1);
	for (size_t n = 0; n <= size;) {
		ssize_t got = read(fd, p + n, size + 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		bool end = (size_t)got < size + 1 - n; /* of a regular file less is read at its end alone */
		n += (size_t)got;
		if (!end)
			continue;
		p[n] = '\0';
		*out = (struct sg_str){p, n};
		return true;
	}
	return false;
}

static bool read_regular(struct sg_arena *a, int fd, struct name name, size_t max, struct sg_str *out,
			 struct sg_status *st)
{
	struct stat sb;
	if (fstat(fd, &sb) < 0)
		return sg_fail(st, errno, "cannot read " NAME, NAME_ARGS(name));
	if (!S_ISREG(sb.st_mode))
		return sg_fail(st, 0, "cannot read " NAME ": %s", NAME_ARGS(name), kind_of(sb.st_mode));
	if (sb.st_size > 0 && (uintmax_t)sb.st_size > max)
		return sg_fail(st, 0, "cannot read " NAME ": larger than the limit of %zu bytes", NAME_ARGS(name), max);
	if (sb.st_size > 0 && read_sized(a, fd, (size_t)sb.st_size, out))
		return true;
	if (sb.st_size > 0 && lseek(fd, 0, SEEK_SET) != 0) /* it grew meanwhile, or cannot be read */
		return sg_fail(st, errno, "cannot read " NAME, NAME_ARGS(name));
	return read_fd(a, fd, name, max, out, st);
}

bool sg_file_read(struct sg_arena *a, const char *path, size_t max, struct sg_str *out, struct sg_status *st)
{
	if (!strcmp(path, "-"))
		return read_fd(a, STDIN_FILENO, (struct name){"", "standard input"}, max, out, st);
	struct name name = {"'", path};
	/* O_NONBLOCK: opening a FIFO without a writer must not wait for one */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return sg_fail(st, errno, "cannot read " NAME, NAME_ARGS(name));
	bool ok = read_regular(a, fd, name, max, out, st);
	close(fd);
	return ok;
}
