/* Looking things up in the catalogue of actions. */
#include "iam/catalogue.h"

#include <stdlib.h>
#include <string.h>

static int compare_nocase(struct sg_str a, const char *b)
{
	for (size_t k = 0;; k++) {
		int x = k < a.n ? (a.p[k] >= 'A' && a.p[k] <= 'Z' ? a.p[k] | 0x20 : a.p[k]) : 0;
		if (x != b[k] || !x)
			return x - b[k];
	}
}

const struct iam_service *iam_service_find(struct sg_str name)
{
	size_t low = 0, high = iam_services_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = compare_nocase(name, iam_services[middle].name);
		if (!c)
			return &iam_services[middle];
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool iam_service_next(const struct iam_service *s, const char **cursor, struct iam_known *out)
{
	const char *at = *cursor ? *cursor : s->actions;
	if (!*at)
		return false;
	size_t n = strcspn(at, "/");
	*out = (struct iam_known){s, {at, n}, at[n + 1], at + n + 2};
	*cursor = at + strcspn(at, " ") + 1;
	return true;
}

static bool same_nocase(struct sg_str a, struct sg_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t k = 0; k < a.n; k++)
		if ((a.p[k] | 0x20) != (b.p[k] | 0x20))
			return false;
	return true;
}

bool iam_action_find(struct sg_str service, struct sg_str action, struct iam_known *out)
{
	const struct iam_service *s = iam_service_find(service);
	/* most differ in their first letter: those are not taken apart */
	for (const char *at = s && action.n ? s->actions : ""; *at; at = strchr(at, ' ') + 1) {
		const char *cursor = at;
		if ((at[0] | 0x20) == (action.p[0] | 0x20) && iam_service_next(s, &cursor, out) &&
		    same_nocase(out->action, action))
			return true;
	}
	return false;
}

bool iam_action_near(struct sg_str service, struct sg_str action, struct iam_known *out)
{
	const struct iam_service *s = iam_service_find(service);
	struct iam_known one;
	size_t best = 3;
	for (const char *at = NULL; s && iam_service_next(s, &at, &one);) {
		size_t d = sg_str_distance(one.action, action, 2);
		if (d < best) {
			best = d;
			*out = one;
		}
	}
	return best < 3;
}

/* What stands for ${Name} in an example. */
static const char *filling(struct sg_str name)
{
	if (sg_str_is(name, "Partition"))
		return "aws";
	if (sg_str_is(name, "Region"))
		return "us-east-1";
	return sg_str_is(name, "Account") ? "111122223333" : "any";
}

/* The n-th of the numbers; 0: none. */
static unsigned number_of(const struct iam_known *k, unsigned n)
{
	const char *at = k->arns;
	for (; n && *at != ' '; at++)
		n -= *at == ',';
	return n ? 0 : (unsigned)strtoul(at, NULL, 10);
}

static struct sg_str form_of(const struct iam_known *k, unsigned number)
{
	const char *form = k->service->arns;
	for (; number > 1; number--)
		form += strcspn(form, "|") + 1;
	return (struct sg_str){form, strcspn(form, "|")};
}

struct sg_str iam_known_arn(struct sg_arena *a, const struct iam_known *k, unsigned n, const char *with)
{
	unsigned number = number_of(k, n);
	struct sg_buf b = {0};
	if (number == 0)
		return n ? SG_LIT("") : SG_LIT("*");
	struct sg_str text = form_of(k, number);
	for (size_t at = 0; at < text.n;) {
		size_t open = sg_str_find(text, "${", at),
		       close = open == SIZE_MAX ? open : sg_str_find(text, "}", open);
		sg_buf_str(&b, sg_str_sub(text, at, close == SIZE_MAX ? text.n : open - at));
		if (close == SIZE_MAX)
			break;
		sg_buf_adds(&b, with ? with : filling(sg_str_sub(text, open + 2, close - open - 2)));
		at = close + 1;
	}
	return sg_buf_take(&b, a);
}
