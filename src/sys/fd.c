/*
 * Descriptors: pipes, sealed memory files, messages with descriptors in them.  Knows nothing of who is at the other end.
 */
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void sg_sys_close(int *fd)
{
	int saved = errno;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

int sg_sys_steal(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

bool sg_sys_pipe(int ends[2], struct sg_status *st)
{
	return pipe2(ends, O_CLOEXEC) == 0 || sg_fail(st, errno, "cannot make a pipe");
}

bool sg_sys_nonblock(int fd, struct sg_status *st)
{
	int flags = fcntl(fd, F_GETFL);
	return (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0) ||
	       sg_fail(st, errno, "cannot make a descriptor non-blocking");
}

bool sg_sys_write_all(int fd, const void *p, size_t n)
{
	const char *at = p;
	while (n) {
		ssize_t done = write(fd, at, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

bool sg_sys_read_all(int fd, void *p, size_t n)
{
	char *at = p;
	while (n) {
		ssize_t done = read(fd, at, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done == 0)
			errno = 0;
		if (done <= 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

bool sg_sys_read_text(const char *path, char *text, size_t size)
{
	SG_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
	text[n > 0 ? n : 0] = 0;
	return n > 0;
}

/* A call that says it has closed them is believed once one is seen to be gone: a descriptor that was put there for it. */
static bool close_at_once(int first)
{
	bool there = first > 0 && dup2(first - 1, first) == first;
	if (syscall(SYS_close_range, (unsigned)first, ~0U, 0) < 0)
		return false;
	if (!there || fcntl(first, F_GETFD) < 0)
		return true;
	errno = ENOSYS;
	return false;
}

bool sg_sys_close_from(int first, struct sg_status *st)
{
	if (close_at_once(first))
		return true;
	if (errno != ENOSYS && errno != EPERM)
		return sg_fail(st, errno, "cannot close descriptors");
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return sg_fail(st, errno, "cannot close descriptors");
	/* the hard limit bounds every descriptor that could have been opened, unless it was lowered since */
	rlim_t end = limit.rlim_max > 1048576 ? 1048576 : limit.rlim_max;
	for (rlim_t fd = (rlim_t)first; fd < end; fd++)
		close((int)fd);
	return true;
}

bool sg_sys_move_fd(int from, int to, struct sg_status *st)
{
	if (from == to)
		return fcntl(to, F_SETFD, 0) == 0 || sg_fail(st, errno, "cannot keep descriptor %d", to);
	if (dup2(from, to) < 0)
		return sg_fail(st, errno, "cannot make descriptor %d", to);
	close(from);
	return true;
}

enum { ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

int sg_sys_sealed(const void *p, size_t n, struct sg_status *st)
{
	SG_FD fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || !sg_sys_write_all(fd, p, n) || fcntl(fd, F_ADD_SEALS, ALL_SEALS) < 0) {
		sg_fail(st, errno, "cannot make a sealed memory file");
		return -1;
	}
	return sg_sys_steal(&fd);
}

bool sg_sys_read_sealed(int fd, void *p, size_t n, struct sg_status *st)
{
	struct stat sb;
	int seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & ALL_SEALS) != ALL_SEALS)
		return sg_fail(st, seals < 0 ? errno : 0, "descriptor %d is not a sealed memory file", fd);
	if (fstat(fd, &sb) < 0 || sb.st_size < 0 || (uintmax_t)sb.st_size != n)
		return sg_fail(st, 0, "the sealed memory file has another size than this program's");
	return pread(fd, p, n, 0) == (ssize_t)n || sg_fail(st, errno, "cannot read the sealed memory file");
}

bool sg_sys_send(int sock, const void *msg, size_t n, const int *fds, size_t n_fds)
{
	union {
		char buf[CMSG_SPACE(SG_SYS_FDS * sizeof(int))];
		struct cmsghdr align;
	} control = {{0}};
	struct iovec iov = {.iov_len = n};
	memcpy(&iov.iov_base, &msg, sizeof(msg)); /* sendmsg does not write, though its type says so */
	struct msghdr hdr = {.msg_iov = &iov, .msg_iovlen = 1};
	if (n_fds > SG_SYS_FDS)
		return false;
	if (n_fds) {
		hdr.msg_control = control.buf;
		hdr.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		struct cmsghdr *c = CMSG_FIRSTHDR(&hdr);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n_fds * sizeof(int));
	}
	ssize_t done;
	do
		done = sendmsg(sock, &hdr, MSG_NOSIGNAL);
	while (done < 0 && errno == EINTR);
	return done == (ssize_t)n;
}

/* The descriptors of a received message go into fds as far as there is room; any other is closed. */
static void take_fds(struct msghdr *hdr, int *fds, size_t n_fds)
{
	size_t have = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(hdr); c; c = CMSG_NXTHDR(hdr, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (have < n_fds)
				fds[have++] = fd;
			else
				close(fd);
		}
	}
}

bool sg_sys_recv(int sock, void *msg, size_t n, int *fds, size_t n_fds)
{
	union {
		char buf[CMSG_SPACE(SG_SYS_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {.iov_base = msg, .iov_len = n};
	struct msghdr hdr = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.buf, .msg_controllen = sizeof(control.buf)};
	for (size_t i = 0; i < n_fds; i++)
		fds[i] = -1;
	ssize_t done;
	do
		done = recvmsg(sock, &hdr, MSG_CMSG_CLOEXEC);
	while (done < 0 && errno == EINTR);
	if (done > 0)
		take_fds(&hdr, fds, n_fds);
	if (done == (ssize_t)n && !(hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return true;
	for (size_t i = 0; i < n_fds; i++)
		sg_sys_close(&fds[i]);
	return false;
}
