/* Looking things up in the catalogue of actions. */
#include "iam/catalogue.h"

#include <string.h>

const struct iam_service *iam_service_find(struct sg_str name)
{
	for (size_t k = 0; k < iam_services_count; k++)
		if (sg_str_is_nocase(name, iam_services[k].name))
			return &iam_services[k];
	return NULL;
}

bool iam_service_next(const struct iam_service *s, const char **cursor, struct iam_known *out)
{
	const char *at = *cursor ? *cursor : s->actions;
	if (!*at)
		return false;
	size_t n = strcspn(at, "/");
	*out = (struct iam_known){s, {at, n}, at[n + 1], 0};
	for (at += n + 2; *at != ' '; at++)
		out->arn = out->arn * 10 + (unsigned)(*at - '0');
	*cursor = at + 1;
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
	for (const char *at = NULL; s && iam_service_next(s, &at, out);)
		if (same_nocase(out->action, action))
			return true;
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

struct sg_str iam_known_arn(struct sg_arena *a, const struct iam_known *k)
{
	const char *form = k->service->arns;
	struct sg_buf b = {0};
	if (k->arn == 0)
		return SG_LIT("*");
	for (unsigned n = 1; n < k->arn; n++)
		form += strcspn(form, "|") + 1;
	struct sg_str text = {form, strcspn(form, "|")};
	for (size_t at = 0; at < text.n;) {
		size_t open = sg_str_find(text, "${", at),
		       close = open == SIZE_MAX ? open : sg_str_find(text, "}", open);
		sg_buf_str(&b, sg_str_sub(text, at, close == SIZE_MAX ? text.n : open - at));
		if (close == SIZE_MAX)
			break;
		sg_buf_adds(&b, filling(sg_str_sub(text, open + 2, close - open - 2)));
		at = close + 1;
	}
	return sg_buf_take(&b, a);
}
