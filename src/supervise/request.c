/*
 * The request of the contract: finds its members, checks them, builds nothing.
 */
#include "supervise/supervise.h"

static const char *const return_names[] = {"auto", "result", "main", "expr", "stdout"};

const char *sg_return_name(enum sg_return r)
{
	return return_names[r];
}

static bool absent(struct sg_str json)
{
	return !json.p || sg_str_is(json, "null");
}

static const char *parse_return(struct sg_str json, enum sg_return *out)
{
	for (size_t i = 0; i < sizeof(return_names) / sizeof(*return_names); i++) {
		size_t n = sg_str(return_names[i]).n;
		if (json.n == n + 2 && json.p[0] == '"' && sg_str_is(sg_str_sub(json, 1, n), return_names[i])) {
			*out = (enum sg_return)i;
			return NULL;
		}
	}
	return "\"return\" must be one of \"auto\", \"result\", \"main\", \"expr\", \"stdout\"";
}

const char *sg_request_parse(struct sg_str bytes, struct sg_request *out)
{
	enum { SCRIPT, INPUT, TIMEOUT, RETURN, N };
	static const char *const names[N] = {"script", "input", "timeout_ms", "return"};
	struct sg_str v[N];
	struct sg_request r = {0};
	const char *error = sg_scan_members(bytes, SG_MAX_INPUT_DEPTH, names, v, N, NULL);
	if (error)
		return error;
	if (absent(v[SCRIPT]))
		return "\"script\" is missing";
	if (v[SCRIPT].p[0] != '"')
		return "\"script\" must be a string";
	if (!absent(v[TIMEOUT]) && (!sg_parse_i64(v[TIMEOUT], &r.timeout_ms) || r.timeout_ms <= 0))
		return "\"timeout_ms\" must be a positive integer";
	if (!absent(v[RETURN]) && (error = parse_return(v[RETURN], &r.ret)))
		return error;
	r.script = v[SCRIPT];
	r.input = v[INPUT];
	*out = r;
	return NULL;
}
