/*
 * The process: descriptors, signals, and the order in which things are printed.
 *
 * Theory of operation: everything is computed first.  Then diagnostics go to standard error and results to standard
 * output, and a result that could not be written is exit code 2: a gate's answer that nobody could read is no yes.
 * SIGPIPE is ignored while a command works, so that a reader who leaves cannot stop it between two files; when the
 * results meet a closed pipe the program then dies of it, quietly, as others do.  setlocale() is never called: the
 * same bytes everywhere.
 */
#include "cli/cli_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A descriptor 0, 1 or 2 that was closed would be taken by the first file opened.  /dev/null takes its place, opened
 * so that writing a result to it fails. */
static void keep_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(SG_EXIT_ERROR);
}

static void die_of_sigpipe(void)
{
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
}

/* Writes the results; the exit code is `code` unless they could not be written. */
static int print_results(const struct sg_buf *out, int code)
{
	int error = sg_write_all(STDOUT_FILENO, sg_buf_view(out));
	if (close(STDOUT_FILENO) < 0 && !error)
		error = errno;
	if (!error || (!out->n && error == EBADF))
		return code;
	if (error == EPIPE)
		die_of_sigpipe();
	struct sg_status st;
	sg_fail(&st, error, "sandboxgen: cannot write to standard output");
	sg_write_all(STDERR_FILENO, sg_str(strcat(st.text, "\n")));
	return SG_EXIT_ERROR;
}

static void print_diagnostics(const struct sg_cli *cli)
{
	struct sg_buf text = {0};
	sg_diags_print(cli->diags, &text, cli->colour_err);
	sg_write_all(STDERR_FILENO, sg_buf_view(&text));
	sg_buf_free(&text);
}

/* What every run needs of memory, at once: a page at a time, each costs a trap, and in a virtual machine two.  Where the
 * kernel or the allocator knows no such thing (Linux before 5.14, sanitizers) nothing happens. */
static void take_memory(void)
{
	enum { RUN = 640 * 1024, KEEP = 64 * 1024 * 1024 };
#ifdef MADV_POPULATE_WRITE
	mallopt(M_TOP_PAD, RUN);
	mallopt(M_TRIM_THRESHOLD, KEEP);
	char *first = malloc(1);
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), end = (uintptr_t)sbrk(0);
	uintptr_t from = ((uintptr_t)first + page) & ~(page - 1);
	if (from < end && end - from <= (uintptr_t)2 * RUN)
		madvise((void *)from, end - from, MADV_POPULATE_WRITE);
	mallopt(M_TOP_PAD, 128 * 1024);
	free(first);
#endif
}

int main(int argc, char **argv)
{
	take_memory();
	keep_standard_descriptors();
	signal(SIGPIPE, SIG_IGN);
	struct sg_cli cli = {.arena = sg_arena_new()};
	cli.sources = sg_sources_new(cli.arena);
	cli.diags = sg_diags_new(cli.arena, cli.sources);
	cli.colour_out = sg_wants_colour(STDOUT_FILENO);
	cli.colour_err = sg_wants_colour(STDERR_FILENO);
	int code = sg_cli_main(&cli, argc, argv);
	if (sg_diags_errors(cli.diags))
		code = SG_EXIT_ERROR;
	print_diagnostics(&cli);
	if (code == SG_EXIT_ERROR && !cli.print_anyway)
		cli.out.n = 0;
	code = print_results(&cli.out, code);
	sg_buf_free(&cli.out);
	sg_arena_free(cli.arena);
	return code;
}
