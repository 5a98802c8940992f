/*
 * Option tables into values.  Knows tables, not commands: what a value means is the command's.
 *
 *   --name VALUE, --name=VALUE, -x VALUE, -xVALUE; a `many` option takes every word up to the next option, or up to the
 *   first that is none of its choices;
 *   `--` ends the options; `-` is an argument.
 */
#include "cli/cli_priv.h"

#include <string.h>

struct given {
	const struct sg_option *option;
	bool seen;
	SG_VEC(const char *) values;
};

struct parser {
	struct sg_cli *cli;
	struct given *given; /* one per row of the two tables */
	size_t n_given;
	SG_VEC(const char *) args;
	char *const *argv;
	int argc, at;
};

static size_t count(const struct sg_option *table)
{
	size_t n = 0;
	while (table && table[n].name)
		n++;
	return n;
}

static struct given *find(struct given *all, size_t n, const char *name, size_t length)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(all[i].option->name) == length && !strncmp(all[i].option->name, name, length))
			return &all[i];
	return NULL;
}

static struct given *find_letter(struct parser *p, char letter)
{
	for (size_t i = 0; i < p->n_given; i++)
		if (letter && p->given[i].option->letter == letter)
			return &p->given[i];
	return NULL;
}

/* The one word that begins like this, or NULL: abbreviations are not taken, but told. */
static const char *begins_with(const char *word, const char *const *words)
{
	const char *only = NULL;
	size_t n = strlen(word);
	for (; n > 1 && *words; words++) {
		if (strncmp(word, *words, n) != 0)
			continue;
		if (only)
			return NULL;
		only = *words;
	}
	return only;
}

const char *sg_nearest(const char *word, const char *const *words)
{
	const char *best = begins_with(word, words);
	size_t limit = strlen(word) < 4 ? 1 : 3, least = limit + 1;
	if (best)
		return best;
	for (; *words; words++) {
		size_t d = sg_str_distance(sg_str(word), sg_str(*words), limit);
		if (d < least)
			least = d, best = *words;
	}
	return best;
}

static bool unknown(struct parser *p, const char *word)
{
	const char **names = SG_NEW_ARRAY(p->cli->arena, p->n_given + 1, const char *);
	for (size_t i = 0; i < p->n_given; i++)
		names[i] = sg_strf(p->cli->arena, "--%s", p->given[i].option->name).p;
	const char *dashes = word[1] == '-' ? "" : "-";
	const char *near = sg_nearest(sg_strf(p->cli->arena, "%s%.*s", dashes, (int)strcspn(word, "="), word).p, names);
	const char *hint = near ? sg_strf(p->cli->arena, "did you mean %s?", near).p
				: sg_strf(p->cli->arena, "sandboxgen %s --help lists them", p->cli->command->name).p;
	sg_cli_error(p->cli, hint, "%s: unknown option %s", p->cli->command->name, word);
	return false;
}

static bool is_choice(const char *choices, const char *value)
{
	size_t n = strlen(value);
	for (const char *c = choices; c; c = strchr(c, '|')) {
		c += *c == '|';
		if (n == strcspn(c, "|") && !strncmp(c, value, n))
			return true;
	}
	return false;
}

static bool add_value(struct parser *p, struct given *g, const char *value)
{
	const struct sg_option *o = g->option;
	if (o->choices && !is_choice(o->choices, value)) {
		sg_cli_error(p->cli, sg_strf(p->cli->arena, "choose one of %s", o->choices).p,
			     "--%s: unknown value '%s'", o->name, value);
		return false;
	}
	SG_PUSH(p->cli->arena, &g->values, value);
	return true;
}

static bool looks_like_option(const char *word)
{
	return word[0] == '-' && word[1];
}

/* Where the values are from a list, the first word that is none of them belongs to the arguments. */
static bool ends_the_list(const struct given *g, const char *word)
{
	return looks_like_option(word) || (g->values.n && g->option->choices && !is_choice(g->option->choices, word));
}

/* The words behind a `many` option, up to the next option or `--`. */
static bool take_many(struct parser *p, struct given *g)
{
	while (p->at < p->argc && !ends_the_list(g, p->argv[p->at]))
		if (!add_value(p, g, p->argv[p->at++]))
			return false;
	if (g->values.n)
		return true;
	sg_cli_error(p->cli, NULL, "--%s needs at least one value: %s", g->option->name, g->option->value);
	return false;
}

static bool take_value(struct parser *p, struct given *g, const char *attached)
{
	if (attached)
		return add_value(p, g, attached);
	if (g->option->many)
		return take_many(p, g);
	if (p->at >= p->argc || !strncmp(p->argv[p->at], "--", 2)) {
		const char *hint =
			p->at < p->argc ? sg_strf(p->cli->arena, "a value that starts with '-' is written --%s=VALUE",
						  g->option->name)
						  .p
					: NULL;
		sg_cli_error(p->cli, hint, "--%s needs a value: %s", g->option->name, g->option->value);
		return false;
	}
	return add_value(p, g, p->argv[p->at++]);
}

static bool parse_option(struct parser *p, const char *word)
{
	bool is_long = word[1] == '-';
	const char *name = word + 2, *attached = NULL;
	size_t length = strcspn(name, "=");
	struct given *g = is_long ? find(p->given, p->n_given, name, length) : find_letter(p, word[1]);
	if (!g)
		return unknown(p, word);
	if (is_long && name[length])
		attached = name + length + 1;
	if (!is_long && word[2])
		attached = word + 2;
	g->seen = true;
	if (g->option->value)
		return take_value(p, g, attached);
	if (attached)
		sg_cli_error(p->cli, NULL, "--%s takes no value", g->option->name);
	return !attached;
}

static bool check_args(struct parser *p)
{
	const struct sg_command *c = p->cli->command;
	if (p->args.n >= c->min_args && p->args.n <= c->max_args)
		return true;
	const char *hint =
		sg_strf(p->cli->arena, "usage: sandboxgen %s [OPTIONS]%s%s", c->name, *c->usage ? " " : "", c->usage).p;
	if (p->args.n < c->min_args)
		sg_cli_error(p->cli, hint, "%s: an argument is missing", c->name);
	else
		sg_cli_error(p->cli, hint, "%s: unexpected argument '%s'", c->name, p->args.v[c->max_args]);
	return false;
}

static void prepare(struct parser *p)
{
	const struct sg_option *tables[] = {p->cli->command->options, sg_common_options};
	size_t n = 0;
	for (size_t t = 0; t < 2; t++)
		n += count(tables[t]);
	p->given = SG_NEW_ARRAY(p->cli->arena, n + 1, struct given); /* the last row, without an option, ends it */
	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < count(tables[t]); i++)
			p->given[p->n_given++].option = &tables[t][i];
	p->cli->values = p->given;
}

bool sg_options_parse(struct sg_cli *cli, int argc, char *const *argv)
{
	struct parser p = {.cli = cli, .argv = argv, .argc = argc};
	bool options_end = false;
	prepare(&p);
	while (p.at < argc) {
		const char *word = argv[p.at++];
		if (!options_end && !strcmp(word, "--"))
			options_end = true;
		else if (options_end || !looks_like_option(word))
			SG_PUSH(cli->arena, &p.args, word);
		else if (!parse_option(&p, word))
			return false;
	}
	cli->args = p.args.v;
	cli->n_args = p.args.n;
	return sg_cli_flag(cli, "help") || check_args(&p);
}

/* ------------------------------------------------------------------------------------------------ values */

static const struct given *get(const struct sg_cli *cli, const char *name)
{
	for (const struct given *g = cli->values; g && g->option; g++)
		if (!strcmp(g->option->name, name))
			return g;
	SG_BUG("an option that the command's table does not have");
}

bool sg_cli_flag(const struct sg_cli *cli, const char *name)
{
	return get(cli, name)->seen;
}

const char *sg_cli_value(const struct sg_cli *cli, const char *name)
{
	const struct given *g = get(cli, name);
	return g->values.n ? g->values.v[g->values.n - 1] : NULL;
}

size_t sg_cli_values(const struct sg_cli *cli, const char *name, const char *const **values)
{
	const struct given *g = get(cli, name);
	*values = g->values.v;
	return g->values.n;
}
