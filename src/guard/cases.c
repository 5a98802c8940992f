/*
 * The other spellings of a key that 3.2.1 tries where a map does not have it: camel, class, kebab, pascal, snake, title
 * and train case, as the crate cruet makes them.  "Class" puts the last word into the singular by rules of its own:
 * Tags is Tag, Status is Statu.
 */
#include "guard/guard_priv.h"

#include <string.h>

struct letters {
	uint32_t *cp;
	size_t n;
};

static bool is_upper(uint32_t c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(uint32_t c)
{
	return c >= 'a' && c <= 'z';
}

static uint32_t to_upper(uint32_t c)
{
	return is_lower(c) ? c - 'a' + 'A' : c;
}

static uint32_t to_lower(uint32_t c)
{
	return is_upper(c) ? c - 'A' + 'a' : c;
}

static bool is_number(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(uint32_t c)
{
	return c < 0x80 ? is_number(c) || is_upper(c) || is_lower(c) : guard_is_alnum(c);
}

static void put(struct sg_buf *out, uint32_t cp)
{
	char text[4];
	sg_buf_add(out, text, sg_utf8_encode(cp, text));
}

static struct letters decode(struct sg_arena *a, struct sg_str key)
{
	struct letters l = {SG_NEW_ARRAY(a, key.n + 1, uint32_t), 0};
	for (size_t i = 0; i < key.n;) {
		size_t n = sg_utf8_decode(sg_str_sub(key, i, SIZE_MAX), &l.cp[l.n]);
		if (!n)
			break;
		i += n;
		l.n++;
	}
	return l;
}

static size_t trimmed(const struct letters *l)
{
	size_t n = l->n;
	while (n && !is_alnum(l->cp[n - 1]))
		n--;
	return n;
}

/* ------------------------------------------------------------------------------------------------ fooBar, Foo-Bar */

struct style {
	bool new_word; /* begin with a capital */
	char between;  /* words, or 0 */
	bool number;   /* begins a word behind it */
};

static void camel_like(const struct letters *l, struct style style, struct sg_buf *out)
{
	bool new_word = style.new_word, first = style.between != 0, found = false;
	uint32_t last = ' ';
	for (size_t i = 0, n = trimmed(l); i < n; i++) {
		uint32_t c = l->cp[i];
		if (!is_alnum(c)) {
			new_word = found ? true : new_word;
			continue;
		}
		found = true;
		if (is_number(c) && style.number) {
			new_word = true;
			put(out, c);
		} else if (new_word || (is_lower(last) && is_upper(c))) {
			if (style.between && !first)
				put(out, (uint32_t)style.between);
			put(out, to_upper(c));
			new_word = first = false;
		} else {
			last = c;
			put(out, to_lower(c));
		}
	}
}

/* ------------------------------------------------------------------------------------------------ foo_bar, foo-bar */

static void snake_like(const struct letters *l, char between, struct sg_buf *out)
{
	bool start = true;
	for (size_t i = 0, n = trimmed(l); i < n; i++) {
		uint32_t c = l->cp[i];
		if (!is_alnum(c)) {
			if (!start)
				sg_buf_addc(out, between);
			start = true;
			continue;
		}
		bool lower_beside = (i + 1 < l->n && is_lower(l->cp[i + 1])) || (i && is_lower(l->cp[i - 1]));
		if (!start && c == to_upper(c) && lower_beside)
			sg_buf_addc(out, between);
		start = false;
		put(out, to_lower(c));
	}
}

/* ------------------------------------------------------------------------------------------------ singular */

struct ending {
	const char *stems;  /* one of these, separated by blanks, stands before the ending; "" is anything */
	const char *ending; /* is taken off */
	const char *instead;
	const char *not_before; /* the letter before the ending is none of these; NULL: any, even none */
};

/* The first that fits. */
static const struct ending endings[] = {
	{"database", "s", "", NULL},
	{"quiz", "zes", "", NULL},
	{"matr", "ices", "ix", NULL},
	{"vert ind", "ices", "ex", NULL},
	{"alias status", "es", "", NULL},
	{"alias status", "", "", NULL},
	{"octop vir", "us", "us", NULL},
	{"octop vir", "i", "us", NULL},
	{"cris test", "is", "is", NULL},
	{"cris test", "es", "is", NULL},
	{"shoe", "s", "", NULL},
	{"bus", "es", "", NULL},
	{"bus", "", "", NULL},
	{"m l", "ice", "ouse", NULL},
	{"x ch ss sh", "es", "", NULL},
	{"m", "ovies", "ovie", NULL},
	{"s", "eries", "eries", NULL},
	{"qu", "ies", "y", NULL},
	{"", "ies", "y", "aeiouy"},
	{"l r", "ves", "f", NULL},
	{"tive", "s", "", NULL},
	{"hive", "s", "", NULL},
	{"", "ves", "fe", "f"},
	{"analy ba diagno parenthe progno synop the", "sis", "sis", NULL},
	{"analy ba diagno parenthe progno synop the", "ses", "sis", NULL},
	{"t i", "a", "um", NULL},
	{"o", "es", "", NULL},
	{"n", "ews", "ews", NULL},
	{"ss", "", "", NULL},
	{"", "s", "", NULL},
};

static bool stem_fits(struct sg_str before, const struct ending *e)
{
	if (e->not_before)
		return before.n && !strchr(e->not_before, before.p[before.n - 1]);
	if (!*e->stems)
		return true;
	for (const char *stem = e->stems; *stem;) {
		size_t n = strcspn(stem, " ");
		if (before.n >= n && !memcmp(before.p + before.n - n, stem, n))
			return true;
		stem += n + (stem[n] == ' ');
	}
	return false;
}

static void singular(struct sg_str word, struct sg_buf *out)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		const struct ending *e = &endings[i];
		struct sg_str before =
			sg_str_sub(word, 0, word.n - (sg_str_ends(word, e->ending) ? strlen(e->ending) : 0));
		if (!sg_str_ends(word, e->ending) || !stem_fits(before, e))
			continue;
		sg_buf_str(out, before);
		sg_buf_adds(out, e->instead);
		return;
	}
	sg_buf_str(out, word);
}

static void class_case(const struct letters *l, struct sg_buf *out)
{
	struct sg_buf plural = {0};
	camel_like(l, (struct style){true, 0, true}, &plural);
	struct sg_str all = sg_buf_view(&plural);
	size_t last = all.n;
	while (last && !is_upper((unsigned char)all.p[last - 1]))
		last--;
	last -= last > 0;
	sg_buf_str(out, sg_str_sub(all, 0, last));
	singular(sg_str_sub(all, last, SIZE_MAX), out);
	sg_buf_free(&plural);
}

void guard_cases(struct sg_arena *a, struct sg_str key, struct sg_str out[GUARD_CASES])
{
	struct letters l = decode(a, key);
	struct sg_buf b[GUARD_CASES] = {0};
	camel_like(&l, (struct style){false, 0, true}, &b[0]);
	class_case(&l, &b[1]);
	snake_like(&l, '-', &b[2]);
	camel_like(&l, (struct style){true, 0, true}, &b[3]);
	snake_like(&l, '_', &b[4]);
	camel_like(&l, (struct style){true, ' ', false}, &b[5]);
	camel_like(&l, (struct style){true, '-', true}, &b[6]);
	for (size_t i = 0; i < GUARD_CASES; i++)
		out[i] = sg_buf_take(&b[i], a);
}
