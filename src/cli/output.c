/*
 * Bytes that leave the program: to a descriptor, or into a file as a whole or not at all.
 */
#include "cli/cli_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int sg_write_all(int fd, struct sg_str text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		text = sg_str_sub(text, (size_t)n, text.n);
	}
	return 0;
}

bool sg_wants_colour(int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	return !(no && *no) && term && *term && strcmp(term, "dumb") && isatty(fd);
}

static int write_and_close(int fd, struct sg_str text, bool sync)
{
	int error = sg_write_all(fd, text);
	if (!error && sync && fsync(fd) < 0)
		error = errno;
	if (close(fd) < 0 && !error)
		error = errno;
	return error;
}

/* A device, a pipe: there is nothing to keep intact. */
static int write_through(const char *path, struct sg_str text)
{
	int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? errno : write_and_close(fd, text, false);
}

/* The mode that open() with 0666 would have given; an existing file keeps its own. */
static mode_t mode_for(const struct stat *old)
{
	if (old)
		return old->st_mode & 07777;
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static int replace(struct sg_arena *a, const char *path, const struct stat *old, struct sg_str text)
{
	const char *slash = strrchr(path, '/');
	struct sg_str folder = slash ? (struct sg_str){path, (size_t)(slash - path) + 1} : sg_str("");
	struct sg_str name = sg_strf(a, "%.*s.sandboxgen-XXXXXX", SG_FMT(folder));
	char *temporary = sg_alloc(a, name.n + 1);
	memcpy(temporary, name.p, name.n);
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return errno;
	int error = fchmod(fd, mode_for(old)) < 0 ? errno : 0;
	int written = write_and_close(fd, text, true);
	error = error ? error : written;
	if (!error && rename(temporary, path) < 0)
		error = errno;
	if (error)
		unlink(temporary);
	return error;
}

bool sg_cli_write_file(struct sg_cli *cli, const char *path, struct sg_str text)
{
	struct stat st;
	bool exists = stat(path, &st) == 0;
	char *target = exists ? realpath(path, NULL) : NULL; /* a link stays a link */
	int error;
	if (exists && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		error = write_through(path, text);
	else if (exists && S_ISDIR(st.st_mode))
		error = EISDIR;
	else
		error = replace(cli->arena, target ? target : path, exists ? &st : NULL, text);
	free(target);
	if (error) {
		struct sg_status status;
		sg_fail(&status, error, "cannot write '%s'", path);
		sg_cli_error(cli, NULL, "%s", status.text);
	}
	return !error;
}
