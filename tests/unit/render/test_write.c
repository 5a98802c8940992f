/*
 * All or nothing: every call that changes a directory is made to fail, and to be the last before a kill, one after the
 * other.  The calls are this program's own, which the linker takes before libc's.
 */
#include "render/render_priv.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILLED = 99, FILES = 3 };

static int calls, fail_at, die_at;

/* Whether this call is to fail. */
static bool fault(void)
{
	calls++;
	if (calls == die_at)
		_exit(KILLED);
	if (calls == fail_at)
		errno = EIO;
	return calls == fail_at;
}

int renameat(int olddir, const char *old, int newdir, const char *new)
{
	return fault() ? -1 : (int)syscall(SYS_renameat2, olddir, old, newdir, new, 0);
}

int linkat(int olddir, const char *old, int newdir, const char *new, int flags)
{
	return fault() ? -1 : (int)syscall(SYS_linkat, olddir, old, newdir, new, flags);
}

int unlinkat(int dir, const char *name, int flags)
{
	return fault() ? -1 : (int)syscall(SYS_unlinkat, dir, name, flags);
}

int mkdirat(int dir, const char *name, mode_t mode)
{
	return fault() ? -1 : (int)syscall(SYS_mkdirat, dir, name, mode);
}

int fchmod(int fd, mode_t mode)
{
	return fault() ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

int fsync(int fd)
{
	(void)fd; /* a disk's pace is not what is tested here */
	return fault() ? -1 : 0;
}

/* ---------------------------------------------------------------------------------------------- a small set */

static char top[] = "/tmp/sandboxgen-unit-XXXXXX";

/* Three files: one at the top, one that is there already, one in a directory of its own. */
static const char *const paths[FILES] = {"a", "b", "d/e/c"};

static const char *path_in(struct sg_arena *a, const char *path)
{
	return sg_strf(a, "%s/%s", top, path).p;
}

static struct sg_file_set set_of(struct sg_arena *a, const char *text)
{
	struct sg_file_set set = {SG_NEW_ARRAY(a, FILES, struct sg_file), FILES};
	for (size_t i = 0; i < FILES; i++)
		set.files[i] = (struct sg_file){paths[i], SG_MATCH_BYTES, sg_strf(a, "%s %s\n", text, paths[i]), NULL};
	return set;
}

/* One run of render's last part. */
static bool write_out(const char *text)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_file_set set = set_of(a, text);
	struct sg_found *found;
	struct sg_status st;
	struct sg_place *p = sg_place_open(a, top, true, &st);
	bool ok = p && sg_place_claim(p, &set, &st) && sg_place_compare(p, &set, &found, &st) &&
		  sg_place_write(p, found, set.n, &st);
	sg_place_close(p);
	sg_arena_free(a);
	return ok;
}

/* "old", "new", "" (absent) or "?" */
static const char *state_of(const char *path)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_str text;
	const char *state = "?";
	struct stat sb;
	if (lstat(path_in(a, path), &sb) < 0)
		state = "";
	else if (sg_file_read(a, path_in(a, path), 1000, &text, NULL) && (sb.st_mode & 07777) == 0644)
		state = sg_str_eq(text, sg_strf(a, "old %s\n", path))   ? "old"
			: sg_str_eq(text, sg_strf(a, "new %s\n", path)) ? "new"
									: "?";
	sg_arena_free(a);
	return state;
}

/* Names that are not of the set, below `dir`. */
static int strangers(const char *dir)
{
	int n = 0;
	DIR *d = opendir(dir);
	for (struct dirent *e; d && (e = readdir(d));)
		n += strstr(e->d_name, ".sandboxgen-") != NULL;
	if (d)
		closedir(d);
	return n;
}

static int all_strangers(void)
{
	struct sg_arena *a = sg_arena_new();
	int n = strangers(top) + strangers(path_in(a, "d")) + strangers(path_in(a, "d/e"));
	sg_arena_free(a);
	return n;
}

/* A directory with the old set, of which c is missing where `all` is false. */
static void begin(bool all)
{
	struct sg_arena *a = sg_arena_new();
	fail_at = die_at = 0;
	unlink(path_in(a, "d/e/c"));
	rmdir(path_in(a, "d/e"));
	rmdir(path_in(a, "d"));
	ck_assert(write_out("old"));
	if (!all) {
		unlink(path_in(a, "d/e/c"));
		rmdir(path_in(a, "d/e"));
		rmdir(path_in(a, "d"));
	}
	sg_arena_free(a);
	ck_assert_int_eq(all_strangers(), 0);
	calls = 0;
}

static bool all_are(const char *a, const char *b, const char *c)
{
	return !strcmp(state_of("a"), a) && !strcmp(state_of("b"), b) && !strcmp(state_of("d/e/c"), c);
}

static void end(void)
{
	struct sg_arena *a = sg_arena_new();
	static const char *const names[] = {"a", "b", "d/e/c", "d/e", "d", ""};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		remove(path_in(a, names[i]));
	sg_arena_free(a);
}

/* ---------------------------------------------------------------------------------------------- tests */

static void every_failure(bool all)
{
	int n = 1, failures = 0;
	for (;; n++) {
		begin(all);
		fail_at = n;
		bool ok = write_out("new");
		int made = calls;
		if (made < n)
			break;
		failures += !ok;
		if (ok)
			ck_assert_msg(all_are("new", "new", "new"), "call %d", n);
		else
			ck_assert_msg(all_are("old", "old", all ? "old" : ""), "call %d: %s %s %s", n, state_of("a"),
				      state_of("b"), state_of("d/e/c"));
		fail_at = 0;
		ck_assert(write_out("new") && all_are("new", "new", "new"));
		ck_assert_msg(all_strangers() == 0, "call %d", n);
	}
	ck_assert_int_gt(n, 20);
	ck_assert_int_gt(failures, 8);
}

static void every_kill(bool all)
{
	int n = 1, kills = 0;
	for (;; n++) {
		begin(all);
		pid_t child = fork();
		if (child == 0) {
			die_at = n;
			_exit(write_out("new") ? 0 : 1);
		}
		int status;
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert(WIFEXITED(status));
		if (WEXITSTATUS(status) == 0)
			break;
		ck_assert_int_eq(WEXITSTATUS(status), KILLED);
		kills++;
		for (size_t i = 0; i < FILES; i++)
			ck_assert_msg(strcmp(state_of(paths[i]), "?") != 0, "call %d: %s", n, paths[i]);
		ck_assert_msg(write_out("new"), "call %d", n);
		ck_assert_msg(all_are("new", "new", "new"), "call %d", n);
		ck_assert_msg(all_strangers() == 0, "call %d", n);
	}
	ck_assert_int_gt(kills, 20);
}

START_TEST(failures_leave_the_old_set)
{
	ck_assert_ptr_nonnull(mkdtemp(top));
	every_failure(true);
	every_failure(false);
	end();
}
END_TEST

START_TEST(kills_leave_a_way_back)
{
	ck_assert_ptr_nonnull(mkdtemp(top));
	every_kill(true);
	every_kill(false);
	end();
}
END_TEST

UNIT_MAIN("render: writing", failures_leave_the_old_set, kills_leave_a_way_back)
