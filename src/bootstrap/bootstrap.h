/*
 * bootstrap/ - the program that Lambda starts: takes what it needs from the environment, starts itself again without
 * one, and speaks the Runtime API around supervise/.
 *
 * Theory of operation.  First life (main.c, config.c): the environment still holds the role's credentials.  It is read
 * into a struct, root is given up, and the program is executed again with an empty environment and the struct in a
 * sealed memory file.  Second life (loop.c): nothing of the credentials is in this process image.  It becomes unreadable
 * to others, starts the engine, and serves invocations one by one until it has a reason not to be trusted.
 */
#ifndef SG_BOOTSTRAP_H
#define SG_BOOTSTRAP_H

#include "supervise/supervise.h"

/* Everything that the second life knows.  Holds no secret. */
struct bs_config {
	uint32_t magic, size; /* of this struct: another build's is refused */
	char api[128];        /* AWS_LAMBDA_RUNTIME_API */
	struct sg_supervise_config supervise;
	enum sg_profile expected; /* by sandbox.json's floor, for the log */
	bool probe;               /* every invocation is answered with what the machine allows; no script is run */
	char error[512];          /* why this function must not run; reported through init/error */
};

enum { BS_MAGIC = 0x53474253, BS_CONFIG_FD = 3 };

/* Fills `c` from the environment and the command line.  What forbids running goes into c->error, because only the
 * Runtime API can tell the user; false only where there is no Runtime API to tell it to. */
bool bs_config_read(struct bs_config *c, int argc, char **argv, struct sg_status *st);

/* The second life where there is no Runtime API: prints what the machine allows, as JSON. */
int bs_probe(const struct bs_config *c);

/* The second life; an exit code, and never 0: Lambda ends the function, the function does not. */
int bs_serve(const struct bs_config *c);

/* One line of JSON on standard error, of keys and values that are the program's own: `fmt` makes the members. */
void bs_log(const char *event, const char *fmt, ...) SG_PRINTF(2, 3);

#endif
