/*
 * Values written as the JSON they are, so that an expansion reads like what it makes.  The texts are the program's own:
 * a mistake in one is a bug.
 */
#include "sam/sam_priv.h"

#include <string.h>

struct maker {
	struct sam *s;
	const struct sg_node *from;
	const char *p;
	va_list ap;
};

static struct val *make_value(struct maker *m);

static void skip(struct maker *m)
{
	while (*m->p == ' ' || *m->p == '\n' || *m->p == '\t')
		m->p++;
}

static bool take(struct maker *m, char c)
{
	skip(m);
	if (*m->p != c)
		return false;
	m->p++;
	return true;
}

static void expect(struct maker *m, char c)
{
	if (!take(m, c))
		SG_BUG("a made value is no JSON");
}

/* A string up to its quote; data files have JSON's escapes of quotes and backslashes alone. */
static struct sg_str make_string(struct maker *m)
{
	skip(m);
	char quote = *m->p++;
	SG_ASSERT(quote == '\'' || quote == '"');
	struct sg_buf b = {0};
	for (; *m->p != quote; m->p++) {
		SG_ASSERT(*m->p);
		if (quote == '\'' && m->p[0] == '%' && m->p[1] == 's') {
			sg_buf_adds(&b, va_arg(m->ap, const char *));
			m->p++;
		} else if (m->p[0] == '\\' && (m->p[1] == '\\' || m->p[1] == quote)) {
			sg_buf_addc(&b, *++m->p);
		} else {
			sg_buf_addc(&b, *m->p);
		}
	}
	m->p++;
	return taken(m->s, &b);
}

static struct val *make_map(struct maker *m)
{
	struct val *v = val_map(m->s, m->from);
	if (take(m, '}'))
		return v;
	do {
		struct sg_str key = make_string(m);
		expect(m, ':');
		set_key(m->s, v, key, NULL, make_value(m));
	} while (take(m, ','));
	expect(m, '}');
	return v;
}

static struct val *make_list(struct maker *m)
{
	struct val *v = val_list(m->s, m->from);
	if (take(m, ']'))
		return v;
	do
		push(m->s, v, make_value(m));
	while (take(m, ','));
	expect(m, ']');
	return v;
}

static bool word(struct maker *m, const char *w)
{
	size_t n = strlen(w);
	if (strncmp(m->p, w, n))
		return false;
	m->p += n;
	return true;
}

static struct val *make_number(struct maker *m)
{
	const char *start = m->p;
	while (*m->p == '-' || (*m->p >= '0' && *m->p <= '9'))
		m->p++;
	int64_t i;
	if (!sg_parse_i64((struct sg_str){start, (size_t)(m->p - start)}, &i))
		SG_BUG("a made value is no JSON");
	return val_int(m->s, m->from, i);
}

static struct val *make_value(struct maker *m)
{
	if (take(m, '{'))
		return make_map(m);
	if (take(m, '['))
		return make_list(m);
	if (*m->p == '\'' || *m->p == '"')
		return val_str(m->s, m->from, make_string(m));
	if (word(m, "%v"))
		return va_arg(m->ap, struct val *);
	if (word(m, "%d"))
		return val_int(m->s, m->from, va_arg(m->ap, int));
	if (word(m, "true"))
		return val_bool(m->s, m->from, true);
	if (word(m, "false"))
		return val_bool(m->s, m->from, false);
	return make_number(m);
}

struct val *make(struct sam *s, const struct sg_node *from, const char *format, ...)
{
	struct maker m = {.s = s, .from = from, .p = format};
	va_start(m.ap, format);
	struct val *v = make_value(&m);
	va_end(m.ap);
	return v;
}

/* The buffer's text, in the arena; never NULL. */
struct sg_str taken(struct sam *s, struct sg_buf *b)
{
	if (b->n)
		return sg_buf_take(b, s->arena);
	sg_buf_free(b);
	return SG_LIT("");
}

struct val *make_if(struct sam *s, const struct sg_node *from, const char *condition, struct val *yes, struct val *no)
{
	return make(s, from, "{'Fn::If':['%s',%v,%v]}", condition, yes,
		    no ? no : make(s, from, "{'Ref':'AWS::NoValue'}"));
}

const char *fmt(struct sam *s, const char *format, ...)
{
	struct sg_buf b = {0};
	va_list ap;
	va_start(ap, format);
	sg_buf_vaddf(&b, format, ap);
	va_end(ap);
	return taken(s, &b).p;
}

struct val *tag_list(struct sam *s, const struct sg_node *from, const struct val *tags)
{
	struct val *list = val_list(s, from);
	for (size_t i = 0; is_map(tags) && i < tags->n; i++) {
		const struct entry *e = &tags->entries[i];
		struct val *value = e->value->type == SG_T_NULL ? val_text(s, from, "") : e->value;
		struct val *key = val_str(s, e->key_node ? e->key_node : from, e->key);
		push(s, list, make(s, value->node, "{'Key':%v,'Value':%v}", key, value));
	}
	return list;
}
