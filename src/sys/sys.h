/*
 * sys/ - descriptors, processes, memory regions and what is left in directories, for the executor.
 *
 * It must not know what a script, a sandbox layer or Lambda is.  Nothing here prints, exits or allocates from the
 * heap; a function that fails says why in a `struct sg_status` (which may be NULL) and leaves its outputs alone.
 */
#ifndef SG_SYS_H
#define SG_SYS_H

#include "base/base.h"

#include <sys/resource.h>
#include <sys/types.h>

/* ---------------------------------------------------------------------------------------------- descriptors */

/* Closes *fd unless it is negative, and makes it -1. */
void sg_sys_close(int *fd);

/* A descriptor that is closed when it goes out of scope; ownership leaves through sg_sys_steal alone. */
#define SG_FD __attribute__((cleanup(sg_sys_close))) int

/* The descriptor, which is the caller's from now on; *fd becomes -1. */
int sg_sys_steal(int *fd);

/* Both ends close on exec.  ends[0] is for reading. */
bool sg_sys_pipe(int ends[2], struct sg_status *st);
bool sg_sys_nonblock(int fd, struct sg_status *st);

/* All n bytes, through interruptions; false where that is not possible (errno says why; 0 at the end of the file). */
bool sg_sys_write_all(int fd, const void *p, size_t n);
bool sg_sys_read_all(int fd, void *p, size_t n);

/* The text of a small file, cut at size - 1 bytes; "" and false where it cannot be read. */
bool sg_sys_read_text(const char *path, char *text, size_t size);

/* Closes every descriptor from `first` on, with close_range(2) or, on kernels before 5.9 and where that is seen to do
 * nothing, one by one. */
bool sg_sys_close_from(int first, struct sg_status *st);

/* Makes `from` be descriptor `to`, open across exec; closes `from` where it was another. */
bool sg_sys_move_fd(int from, int to, struct sg_status *st);

/* A memfd with these bytes that nobody can change any more (all seals), or -1. */
int sg_sys_sealed(const void *p, size_t n, struct sg_status *st);
/* Exactly n bytes of a sealed memfd; refuses any other kind of file, another size and missing seals. */
bool sg_sys_read_sealed(int fd, void *p, size_t n, struct sg_status *st);

/* One message of n bytes with up to SG_SYS_FDS descriptors over a SOCK_SEQPACKET socket. */
enum { SG_SYS_FDS = 8 };
bool sg_sys_send(int sock, const void *msg, size_t n, const int *fds, size_t n_fds);
/* Receives a message of exactly n bytes; fds not sent become -1, none is left open on failure.  False at the end. */
bool sg_sys_recv(int sock, void *msg, size_t n, int *fds, size_t n_fds);

/* ---------------------------------------------------------------------------------------------- processes, time */

/* Milliseconds of a clock that never goes back (CLOCK_MONOTONIC), in double for durations below one. */
double sg_sys_now_ms(void);
/* Milliseconds since 1970. */
int64_t sg_sys_wall_ms(void);

/* A descriptor for the process, or -1 (kernels before 5.3, or a filter refuses). */
int sg_sys_pidfd(pid_t pid);
/* SIGKILL through the pidfd where there is one (>= 0), else by number: then only for a process not yet reaped. */
void sg_sys_kill(pid_t pid, int pidfd);

/* Runs fn(arg) in a forked process, waits, and gives what it returned (0 to 255), or -1 when it was killed. */
int sg_sys_try(int (*fn)(void *), void *arg);

/* Gives up root for good: groups, gid, uid, in this order, and verifies that there is no way back. */
bool sg_sys_drop_root(uid_t uid, gid_t gid, struct sg_status *st);

/* What another process of the same user can change of this one from outside: limits, priorities, processors; a child can
 * also give its parent another session keyring (KEYCTL_SESSION_TO_PARENT of keyctl(2)). */
struct sg_footing {
	int nice, policy, ioprio, session;
	unsigned char attributes[64]; /* as sched_getattr(2) has them: clamps and slices, too */
	unsigned char processors[128];
	struct rlimit limits[RLIM_NLIMITS];
};
void sg_sys_footing(struct sg_footing *f);
/* It is still as it was. */
bool sg_sys_same_footing(const struct sg_footing *was);

/* `n` random bytes from the kernel. */
bool sg_sys_random(void *p, size_t n);

/* ---------------------------------------------------------------------------------------------- regions */

/* A buffer of fixed capacity reserved at start-up.  Its pages cost memory only while they are in use, so that a
 * process can be sure of its memory before it forks and still be small when idle. */
struct sg_region {
	char *p;
	size_t n, cap;
};

bool sg_region_map(struct sg_region *r, size_t cap, struct sg_status *st);
void sg_region_reset(struct sg_region *r); /* empties it and gives the pages back */
void sg_region_unmap(struct sg_region *r); /* {0} is fine */
/* Adds what fits and says how many bytes that was. */
size_t sg_region_add(struct sg_region *r, const void *p, size_t n);
struct sg_str sg_region_view(const struct sg_region *r);

/* Gives back the pages of code and constants of the program and its libraries, which come back one by one as they are used
 * again: of what only start-up needed, nothing stays resident. */
void sg_sys_forget_code(void);

/* ---------------------------------------------------------------------------------------------- leftovers */

/* Removes what `uid` owns below the directory, whatever its modes, never following a symbolic link, never leaving
 * the file system, never opening anything but directories, and never entering a directory of another user.
 * `budget` bounds the entries looked at; when it is used up, or something of `uid` cannot be removed: false.
 * The directory itself loses the attributes that a user can have set; where it is his, it gets the times of now.
 * A directory that does not exist is clean. */
bool sg_sys_clean_dir(const char *path, uid_t uid, size_t budget, struct sg_status *st);

/* Removes the System V shared memory, semaphores and queues that `uid` owns or made.  True where there are none left; false
 * too where it cannot be told whose one is (before Linux 4.17, one that its maker has closed to all). */
bool sg_sys_clean_sysv(uid_t uid, struct sg_status *st);

/* Empties the keyrings that processes of this user share, the persistent one too.  True where the kernel has none or refuses keyctl
 * altogether (then nobody else under the same filter could fill them). */
bool sg_sys_clean_keyrings(struct sg_status *st);

#endif
