/*
 * The zygote: a process that becomes a Python interpreter and then does nothing but fork, and the child that each fork
 * makes, up to the moment where host.py takes over.
 *
 * Theory of operation: sg_zygote_main enters the namespaces, loads libpython, adds the module _zygote and gives
 * the process to Py_BytesMain with host.py as the program.  host.py imports the libraries and calls serve(), which
 * is the loop below.  serve() returns in a child only, after stage 1.  Between two runs no Python code is executed in
 * the zygote: no script can have left anything in it.
 *
 * The zygote's own descriptors: the control socket, /proc/self/statm, and the three standard ones.
 */
#include "engine/engine_priv.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Everything of the zygote's; a module's functions get no argument of ours. */
static struct {
	int control, statm;
	struct sg_pyapi api;
	const struct sg_engine_config *config;
	struct sg_sandbox sandbox; /* its memory limit becomes what is left beside the interpreter */
	uint64_t address_space;
	struct sg_footing footing;
	sigset_t mask; /* of signals, as it was: SIGCHLD comes while the zygote waits, and at no other time */
} z;

/* ---------------------------------------------------------------------------------------------- to the supervisor */

static void say(struct sg_engine_msg *msg, const char *text)
{
	if (text)
		snprintf(msg->text, sizeof(msg->text), "%s", text);
	if (!sg_sys_send(z.control, msg, sizeof(*msg), NULL, 0))
		_exit(1);
}

SG_NORETURN static void fail(const char *text)
{
	struct sg_engine_msg msg = {.kind = SG_MSG_FAILED};
	say(&msg, text);
	_exit(1);
}

/* Address space and resident memory, in bytes. */
static bool measure(uint64_t *space, uint64_t *resident)
{
	char text[128];
	unsigned long long pages, resident_pages;
	ssize_t n = pread(z.statm, text, sizeof(text) - 1, 0);
	if (n <= 0)
		return false;
	text[n] = 0;
	if (sscanf(text, "%llu %llu", &pages, &resident_pages) != 2)
		return false;
	uint64_t size = (uint64_t)sysconf(_SC_PAGESIZE);
	*space = pages * size;
	*resident = resident_pages * size;
	return true;
}

/* ---------------------------------------------------------------------------------------------- a child */

static void setup_record(int stage, bool ok, const struct sg_status *st)
{
	struct sg_setup record = {.stage = stage, .ok = ok};
	if (!ok)
		snprintf(record.text, sizeof(record.text), "%.*s", (int)sizeof(record.text) - 1, st->text);
	if (!sg_sys_write_all(SG_STREAM_SETUP, &record, sizeof(record)) || !ok)
		_exit(1);
}

/* The streams become descriptors 0 to 4.  They are moved out of the way first: one may have another's number. */
static void place_streams(int streams[SG_N_STREAMS])
{
	for (int i = 0; i < SG_N_STREAMS; i++) {
		streams[i] = fcntl(streams[i], F_DUPFD_CLOEXEC, 16);
		if (streams[i] < 0)
			_exit(1);
	}
	for (int i = 0; i < SG_N_STREAMS; i++)
		if (dup2(streams[i], i) < 0)
			_exit(1);
}

static void become_child(int streams[SG_N_STREAMS])
{
	struct sg_status st = {0};
	place_streams(streams);
	z.control = z.statm = -1; /* closed with everything above the streams */
	bool ok = sg_sandbox_stage1(&z.sandbox, z.address_space, SG_N_STREAMS, &st);
	setup_record(1, ok, &st);
}

/* ---------------------------------------------------------------------------------------------- the loop */

/* Whatever else a run may have started: as the first process of its own pid namespace the zygote can name it all, and
 * elsewhere no process could be started.  Only when no child is left is the run over. */
static void kill_rest(void)
{
	for (;;) {
		if (z.sandbox.layers & SG_LAYER_PID_NS)
			kill(-1, SIGKILL);
		pid_t pid = waitpid(-1, NULL, __WALL);
		if (pid < 0 && errno == ECHILD)
			return;
	}
}

/* Until the child is dead, but not reaped.  The supervisor has nothing to say meanwhile: what comes is its end, and a
 * script must not outlive that where no signal tells (prctl may be refused). */
static void await_end(pid_t pid)
{
	struct pollfd p = {z.control, POLLIN, 0};
	for (;;) {
		siginfo_t info = {.si_pid = 0};
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG) < 0 && errno != EINTR)
			_exit(1);
		if (info.si_pid == pid)
			return;
		if (ppoll(&p, 1, NULL, &z.mask) > 0) {
			kill(pid, SIGKILL);
			_exit(1);
		}
	}
}

static void wait_for(pid_t pid)
{
	struct sg_engine_msg msg = {.kind = SG_MSG_ENDED};
	await_end(pid);
	say(&msg, NULL);
	if (!sg_sys_recv(z.control, &msg, sizeof(msg), NULL, 0) || msg.kind != SG_MSG_REAP)
		_exit(1);
	struct rusage used;
	int status;
	while (wait4(pid, &status, 0, &used) < 0)
		if (errno != EINTR)
			_exit(1);
	kill_rest();
	/* the supervisor sees that, and discards the environment */
	if (!sg_sandbox_renew(&z.sandbox, NULL) || !sg_sys_same_footing(&z.footing))
		_exit(1);
	msg = (struct sg_engine_msg){.kind = SG_MSG_REAPED, .status = status, .max_rss_kb = (uint64_t)used.ru_maxrss};
	msg.cpu_us = (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
		     (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
	say(&msg, NULL);
}

static void announce(pid_t pid, int pidfd)
{
	struct sg_engine_msg msg = {.kind = SG_MSG_STARTED, .pid = pid};
	/* a number of the zygote's own pid namespace means nothing outside of it */
	if (z.sandbox.layers & SG_LAYER_PID_NS)
		msg.pid = 0;
	if (!sg_sys_send(z.control, &msg, sizeof(msg), &pidfd, pidfd >= 0))
		_exit(1);
}

/* One fork.  True in the child, which then has its streams and stage 1 behind it. */
static bool run_one(int streams[SG_N_STREAMS])
{
	z.api.PyOS_BeforeFork();
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGCHLD, SIG_DFL);
		sigprocmask(SIG_SETMASK, &z.mask, NULL);
		z.api.PyOS_AfterFork_Child();
		become_child(streams);
		return true;
	}
	z.api.PyOS_AfterFork_Parent();
	for (int i = 0; i < SG_N_STREAMS; i++)
		sg_sys_close(&streams[i]);
	if (pid < 0)
		_exit(1);
	SG_FD pidfd = sg_sys_pidfd(pid);
	announce(pid, pidfd);
	wait_for(pid);
	return false;
}

static void end_of_child(int signal)
{
	(void)signal; /* it only ends a wait */
}

/* A child's end is a signal that is blocked but for the wait itself: none is missed, and no kernel is too old for it. */
static void heed_children(void)
{
	sigset_t children;
	struct sigaction act = {.sa_handler = end_of_child, .sa_flags = SA_NOCLDSTOP};
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	if (sigaction(SIGCHLD, &act, NULL) < 0 || sigprocmask(SIG_BLOCK, &children, &z.mask) < 0)
		fail("cannot wait for children");
}

static struct sg_pyobject *serve(struct sg_pyobject *self, struct sg_pyobject *arg)
{
	(void)self, (void)arg;
	uint64_t resident;
	if (!measure(&z.address_space, &resident))
		fail("cannot measure the interpreter's size in /proc/self/statm");
	struct sg_limits *limits = &z.sandbox.limits;
	if (limits->memory < resident + (16 << 20))
		fail("the memory limit leaves less than 16 MB beside the interpreter and the packages");
	limits->memory -= resident;
	heed_children();
	sg_sys_footing(&z.footing);
	struct sg_engine_msg msg = {.kind = SG_MSG_READY, .memory = limits->memory};
	char version[32];
	snprintf(version, sizeof(version), "%s", z.api.Py_GetVersion());
	version[strcspn(version, " ")] = 0;
	say(&msg, version);
	for (;;) {
		int streams[SG_N_STREAMS];
		if (!sg_sys_recv(z.control, &msg, sizeof(msg), streams, SG_N_STREAMS))
			return z.api.PyLong_FromLong(0);
		if (msg.kind != SG_MSG_RUN || streams[SG_N_STREAMS - 1] < 0)
			_exit(1);
		if (run_one(streams))
			return z.api.PyLong_FromLong(1);
	}
}

/* ---------------------------------------------------------------------------------------------- the module _zygote */

static struct sg_pyobject *stage2(struct sg_pyobject *self, struct sg_pyobject *arg)
{
	(void)self, (void)arg;
	struct sg_status st = {0};
	bool ok = sg_sandbox_stage2(&z.sandbox, &st);
	setup_record(2, ok, &st);
	close(SG_STREAM_SETUP);
	return z.api.PyLong_FromLong(0);
}

static struct sg_pyobject *report(struct sg_pyobject *self, struct sg_pyobject *frame)
{
	(void)self;
	char *bytes;
	ptrdiff_t n;
	if (z.api.PyBytes_AsStringAndSize(frame, &bytes, &n) < 0)
		return NULL;
	return z.api.PyLong_FromLong(sg_sys_write_all(SG_STREAM_REPORT, bytes, (size_t)n));
}

static struct sg_pyobject *leave(struct sg_pyobject *self, struct sg_pyobject *arg)
{
	(void)self, (void)arg;
	_exit(0); /* no atexit, no destructors: the script has said all that it has to say */
}

static struct sg_pyobject *packages(struct sg_pyobject *self, struct sg_pyobject *arg)
{
	(void)self, (void)arg;
	const char *dir = z.config->packages;
	if (dir[0] && (z.sandbox.layers & SG_LAYER_MOUNT_NS))
		dir = SG_VIEW_PACKAGES;
	return z.api.PyUnicode_FromString(dir);
}

static struct sg_pyobject *preload(struct sg_pyobject *self, struct sg_pyobject *arg)
{
	(void)self, (void)arg;
	return z.api.PyUnicode_FromString(z.config->preload);
}

static struct sg_pyobject *lockdown(struct sg_pyobject *self, struct sg_pyobject *arg)
{
	(void)self, (void)arg;
	return z.api.PyLong_FromLong(z.sandbox.profile == SG_PROFILE_LOCKDOWN);
}

static struct sg_pyobject *module_init(void)
{
	static struct sg_pymethoddef methods[] = {
		{"serve", serve, SG_PY_NOARGS, "fork for every request; 1 in a child, 0 when the supervisor has gone"},
		{"stage2", stage2, SG_PY_NOARGS, "the last layers, before the script runs"},
		{"report", report, SG_PY_ONE, "send the frame"},
		{"leave", leave, SG_PY_NOARGS, "end at once"},
		{"packages", packages, SG_PY_NOARGS, "the directory of packages"},
		{"preload", preload, SG_PY_NOARGS, "packages to import, one a line"},
		{"lockdown", lockdown, SG_PY_NOARGS, "1 where nothing can be opened after stage 2"},
		{NULL, NULL, 0, NULL},
	};
	static struct sg_pymoduledef def = {.base = {1, NULL}, .name = "_zygote", .size = -1, .methods = methods};
	return z.api.PyModule_Create2(&def, SG_PY_ABI);
}

/* ---------------------------------------------------------------------------------------------- becoming one */

/* Where the interpreter is once the view is the root. */
static void shown_path(char out[PATH_MAX], const char *path)
{
	const struct sg_python *py = &z.config->python;
	size_t n = strlen(py->prefix);
	bool moved = (z.sandbox.layers & SG_LAYER_MOUNT_NS) && !strncmp(py->prefix, "/tmp", 4) &&
		     !strncmp(path, py->prefix, n) && path[n] == '/';
	snprintf(out, PATH_MAX, "%s%s", moved ? SG_VIEW_PREFIX : "", moved ? path + n : path);
}

/* Standard input is empty; output is the log's until a child has its own. */
static void quiet_stdin(void)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null >= 0 && null != 0) {
		dup2(null, 0);
		close(null);
	}
}

static void run_python(void)
{
	struct sg_status st = {0};
	static char library[PATH_MAX], interpreter[PATH_MAX];
	static char isolated[] = "-I", no_site[] = "-S", no_bytecode[] = "-B", option[] = "-X", utf8[] = "utf8",
		    command[] = "-c";
	shown_path(library, z.config->python.library);
	shown_path(interpreter, z.config->python.interpreter);
	if (!sg_python_load(library, &z.api, &st))
		fail(st.text);
	char *host = strdup(sg_host_text);
	if (!host || z.api.PyImport_AppendInittab("_zygote", module_init) < 0)
		fail("out of memory");
	char *argv[] = {interpreter, isolated, no_site, no_bytecode, option, utf8, command, host, NULL};
	z.api.Py_BytesMain(8, argv);
}

void sg_zygote_main(int control, const struct sg_engine_config *config, const struct sg_sandbox *s)
{
	struct sg_status st = {0};
	z.control = control;
	z.statm = -1;
	z.config = config;
	z.sandbox = *s;
	struct sg_view view = {config->python.prefix, config->packages[0] ? config->packages : NULL};
	/* only the control socket and the log are the zygote's */
	if (!sg_sys_move_fd(z.control, 3, &st) || !sg_sys_close_from(4, &st))
		_exit(1);
	z.control = 3;
	fcntl(z.control, F_SETFD, FD_CLOEXEC);
	quiet_stdin();
	if (!sg_sandbox_enter(s, &view, &z.statm, &st))
		fail(st.text);
	mallopt(M_ARENA_MAX, 1); /* an arena per thread would reserve more address space than the limit leaves */
	run_python();
	fail("the interpreter ended while it was starting (its message is in the log)");
}
