/*
 * The entry of both lives.
 */
#include "bootstrap/bootstrap.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char second_life[] = "--serve";

/* A descriptor 0, 1 or 2 that was closed would become the first one that is opened: a script's, or the API's. */
static bool keep_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return false;
	return true;
}

static int complain(const struct sg_status *st)
{
	fprintf(stderr, "bootstrap: %s\n", st->text);
	return 1;
}

static int first(int argc, char **argv)
{
	static struct bs_config config;
	struct sg_status st = {0};
	if (!bs_config_read(&config, argc, argv, &st))
		return complain(&st);
	int fd = sg_sys_sealed(&config, sizeof(config), &st);
	if (fd < 0 || !sg_sys_move_fd(fd, BS_CONFIG_FD, &st))
		return complain(&st);
	char name[] = "bootstrap";
	char *again[] = {name, second_life, NULL};
	sg_sandbox_reexec(again, &st);
	return complain(&st);
}

static int second(void)
{
	static struct bs_config config;
	struct sg_status st = {0};
	if (!sg_sys_read_sealed(BS_CONFIG_FD, &config, sizeof(config), &st) || !sg_sys_close_from(BS_CONFIG_FD, &st))
		return complain(&st);
	if (config.magic != BS_MAGIC || config.size != sizeof(config) || environ[0]) {
		sg_fail(&st, 0, "--serve is for the program itself");
		return complain(&st);
	}
	return config.probe && !config.api[0] ? bs_probe(&config) : bs_serve(&config);
}

int main(int argc, char **argv)
{
	if (!keep_standard_descriptors())
		return 1;
	if (argc == 2 && !strcmp(argv[1], second_life))
		return second();
	return first(argc, argv);
}
