/*
 * sys/: sealed files, messages with descriptors, regions, and the cleaner against a hostile tree.
 */
#include "sys/sys.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

START_TEST(sealed_file_cannot_change)
{
	char back[5] = {0};
	SG_FD fd = sg_sys_sealed("hello", 5, NULL);
	ck_assert_int_ge(fd, 0);
	ck_assert(pwrite(fd, "x", 1, 0) < 0);
	ck_assert(ftruncate(fd, 3) < 0);
	ck_assert(sg_sys_read_sealed(fd, back, 5, NULL));
	ck_assert_mem_eq(back, "hello", 5);
	ck_assert_msg(!sg_sys_read_sealed(fd, back, 4, NULL), "another size was accepted");
}
END_TEST

START_TEST(unsealed_file_is_refused)
{
	char back[1];
	struct sg_status st = {0};
	SG_FD fd = memfd_create("t", MFD_CLOEXEC);
	ck_assert(sg_sys_write_all(fd, "x", 1));
	ck_assert(!sg_sys_read_sealed(fd, back, 1, &st));
	ck_assert(st.text[0]);
}
END_TEST

START_TEST(messages_carry_descriptors)
{
	int ends[2], got[3], sent[2] = {0, 1}, value = 7, back = 0;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	ck_assert(sg_sys_send(ends[0], &value, sizeof(value), sent, 2));
	ck_assert(sg_sys_recv(ends[1], &back, sizeof(back), got, 3));
	ck_assert_int_eq(back, 7);
	ck_assert(got[0] > 2 && got[1] > 2);
	ck_assert_int_eq(got[2], -1);
	ck_assert_msg(fcntl(got[0], F_GETFD) & FD_CLOEXEC, "a received descriptor would survive exec");
	/* more descriptors than asked for are closed, a message of another size is refused with all of its own */
	ck_assert(sg_sys_send(ends[0], &value, sizeof(value), sent, 2));
	int before = dup(0);
	close(before);
	ck_assert(sg_sys_recv(ends[1], &back, sizeof(back), NULL, 0));
	ck_assert(sg_sys_send(ends[0], "abc", 3, sent, 2));
	ck_assert(!sg_sys_recv(ends[1], &back, sizeof(back), got, 2));
	int after = dup(0);
	ck_assert_int_eq(before, after);
	close(ends[0]);
	ck_assert_msg(!sg_sys_recv(ends[1], &back, sizeof(back), NULL, 0), "the end was not seen");
}
END_TEST

START_TEST(region_is_bounded_and_wiped)
{
	struct sg_region r;
	ck_assert(sg_region_map(&r, 4096, NULL));
	ck_assert_uint_eq(sg_region_add(&r, "secret", 6), 6);
	char big[5000];
	memset(big, 'x', sizeof(big));
	ck_assert_uint_eq(sg_region_add(&r, big, sizeof(big)), 4090);
	ck_assert_uint_eq(sg_region_add(&r, "y", 1), 0);
	sg_region_reset(&r);
	ck_assert_uint_eq(r.n, 0);
	ck_assert_int_eq(r.p[0], 0);
	sg_region_unmap(&r);
}
END_TEST

static void put_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

START_TEST(cleaner_meets_a_hostile_tree)
{
	char top[] = "/tmp/clean.XXXXXX", outside[] = "/tmp/outside.XXXXXX", path[256];
	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_ptr_nonnull(mkdtemp(outside));
	snprintf(path, sizeof(path), "%s/kept", outside);
	put_file(path);
	ck_assert_int_eq(chdir(top), 0);
	put_file("plain");
	put_file("\xff\xfe not utf-8");
	ck_assert_int_eq(symlink(outside, "link"), 0);
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	ck_assert_int_eq(mkdir("closed", 0700), 0);
	put_file("closed/inner");
	ck_assert_int_eq(chmod("closed", 0), 0);
	for (int i = 0; i < 1000; i++) { /* deeper than PATH_MAX */
		ck_assert_int_eq(mkdir("d234567890", 0700), 0);
		ck_assert_int_eq(chdir("d234567890"), 0);
	}
	put_file("bottom");
	for (int i = 0; i < 40; i++) { /* what its owner may not write to cannot be moved either; root can */
		ck_assert_int_eq(chdir(".."), 0);
		ck_assert_int_eq(chmod("d234567890", 0), 0);
	}
	ck_assert_int_eq(chdir(top), 0);
	ck_assert_int_eq(mkdir(".sweep-0", 0700), 0); /* names under which the deep ones would be moved up */
	put_file(".sweep-0/full");
	put_file(".sweep-1");
	ck_assert_int_eq(symlink(outside, ".sweep-2"), 0);
	ck_assert_int_eq(chdir("/"), 0);
	struct sg_status st = {0};
	ck_assert_msg(sg_sys_clean_dir(top, getuid(), 100000, &st), "%s", st.text);
	ck_assert_msg(rmdir(top) == 0, "something is left");
	ck_assert_msg(access(path, F_OK) == 0, "a link was followed");
	unlink(path);
	rmdir(outside);
}
END_TEST

START_TEST(cleaner_is_bounded_and_leaves_others)
{
	char top[] = "/tmp/clean.XXXXXX", path[256];
	ck_assert_ptr_nonnull(mkdtemp(top));
	for (int i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "%s/%d", top, i);
		put_file(path);
	}
	ck_assert_msg(!sg_sys_clean_dir(top, getuid(), 10, NULL), "the budget did not hold");
	ck_assert(sg_sys_clean_dir(top, getuid() + 1, 100, NULL));
	ck_assert_msg(rmdir(top) < 0, "another user's files were removed");
	ck_assert(sg_sys_clean_dir(top, getuid(), 100, NULL));
	ck_assert_int_eq(rmdir(top), 0);
	ck_assert_msg(sg_sys_clean_dir(top, getuid(), 100, NULL), "what is not there is clean");
}
END_TEST

/* As the user whose directory it is, and who has closed it to himself. */
static int clean_as_owner(void *arg)
{
	const uid_t owner = 65534;
	struct sg_status st = {0};
	if (getuid() == 0 && !sg_sys_drop_root(owner, owner, &st))
		return 1;
	return sg_sys_clean_dir(arg, getuid(), 100, &st) ? 0 : 2;
}

START_TEST(cleaner_leaves_no_mark_on_the_place_itself)
{
	char top[] = "/tmp/clean.XXXXXX", value[8];
	const struct timespec then[2] = {{.tv_sec = 77}, {.tv_sec = 78}};
	struct stat sb;
	ck_assert_ptr_nonnull(mkdtemp(top));
	bool marked = setxattr(top, "user.mark", "x", 1, 0) == 0; /* an old tmpfs has no such attributes */
	ck_assert_int_eq(utimensat(AT_FDCWD, top, then, 0), 0);
	ck_assert(getuid() != 0 || chown(top, 65534, 65534) == 0);
	ck_assert_int_eq(chmod(top, 0), 0);
	ck_assert_int_eq(sg_sys_try(clean_as_owner, top), 0);
	ck_assert_int_eq(stat(top, &sb), 0);
	ck_assert_msg(sb.st_mtime > 78 && sb.st_atime > 77, "the times are the script's");
	ck_assert_msg(!marked || getxattr(top, "user.mark", value, sizeof(value)) < 0, "an attribute is left");
	ck_assert_int_eq(rmdir(top), 0);
}
END_TEST

static int exits_with(void *arg)
{
	return *(int *)arg;
}

static int dies(void *arg)
{
	(void)arg;
	abort();
}

START_TEST(try_tells_death_from_failure)
{
	int code = 7;
	ck_assert_int_eq(sg_sys_try(exits_with, &code), 7);
	ck_assert_int_eq(sg_sys_try(dies, NULL), -1);
}
END_TEST

/* Each change that one process can make to another of its user is seen; in a process of its own, for some cannot be undone. */
static int change(void *arg)
{
	struct sg_footing was;
	struct rlimit limit;
	sg_sys_footing(&was);
	if (!sg_sys_same_footing(&was))
		return 1;
	switch (*(int *)arg) {
	case 0:
		setpriority(PRIO_PROCESS, 0, 19);
		break;
	case 1:
		if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
			return 1;
		limit.rlim_cur--;
		setrlimit(RLIMIT_NOFILE, &limit);
		break;
	case 2:
		sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0});
		break;
	case 3: /* what a child can do to its parent, it can do to itself; where keys are refused, nobody can */
		if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "another", 0, 0, 0) < 0)
			return 11;
		break;
	default:
		break;
	}
	return sg_sys_same_footing(&was) ? 10 : 11;
}

START_TEST(a_changed_footing_is_seen)
{
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(sg_sys_try(change, &i), i < 4 ? 11 : 10);
}
END_TEST

static long resident_kb(void)
{
	char text[128];
	long pages;
	ck_assert(sg_sys_read_text("/proc/self/statm", text, sizeof(text)));
	ck_assert_int_eq(sscanf(text, "%*d %ld", &pages), 1);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

START_TEST(forgotten_code_comes_back)
{
	long before = resident_kb();
	sg_sys_forget_code();
	long after = resident_kb();
#if !defined(__SANITIZE_ADDRESS__)
	ck_assert_msg(after < before, "%ld kB, before %ld", after, before);
#else
	(void)before, (void)after;
#endif
	int code = 3;
	ck_assert_int_eq(sg_sys_try(exits_with, &code), 3);
}
END_TEST

UNIT_MAIN("sys", sealed_file_cannot_change, unsealed_file_is_refused, messages_carry_descriptors,
	  region_is_bounded_and_wiped, cleaner_meets_a_hostile_tree, cleaner_is_bounded_and_leaves_others,
	  cleaner_leaves_no_mark_on_the_place_itself, try_tells_death_from_failure, a_changed_footing_is_seen,
	  forgotten_code_comes_back)
