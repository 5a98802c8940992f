/*
 * What bytes mean: UTF-8 and numbers, the same under every locale.
 */
#include "base/base.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

size_t sg_utf8_decode(struct sg_str s, uint32_t *cp)
{
	if (!s.n)
		return 0;
	const unsigned char *p = (const unsigned char *)s.p;
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
	if (!len || len > s.n)
		return 0;
	uint32_t c = len == 1 ? p[0] : p[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	if (cp)
		*cp = c;
	return len;
}

size_t sg_utf8_invalid_at(struct sg_str s)
{
	for (size_t i = 0; i < s.n;) {
		uint64_t eight;
		if (s.n - i >= sizeof(eight)) {
			memcpy(&eight, s.p + i, sizeof(eight));
			if (!(eight & UINT64_C(0x8080808080808080))) {
				i += sizeof(eight);
				continue;
			}
		}
		size_t len = (unsigned char)s.p[i] < 0x80 ? 1 : sg_utf8_decode(sg_str_sub(s, i, 4), NULL);
		if (!len)
			return i;
		i += len;
	}
	return SIZE_MAX;
}

size_t sg_utf8_count(struct sg_str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; n++) {
		size_t len = sg_utf8_decode(sg_str_sub(s, i, 4), NULL);
		i += len ? len : 1;
	}
	return n;
}

size_t sg_utf8_encode(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		if (cp >= 0xd800 && cp <= 0xdfff)
			return 0;
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	if (cp > 0x10ffff)
		return 0;
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

bool sg_parse_i64(struct sg_str s, int64_t *out)
{
	bool negative = s.n && s.p[0] == '-';
	size_t i = negative;
	if (i == s.n)
		return false;
	int64_t v = 0;
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		/* downwards, because the negative range is the larger one */
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, s.p[i] - '0', &v))
			return false;
	}
	if (!negative && __builtin_sub_overflow((int64_t)0, v, &v))
		return false;
	*out = v;
	return true;
}

static bool is_plain_decimal(struct sg_str s)
{
	bool digit = false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9')
			digit = true;
		else if (!memchr("+-.eE", s.p[i], 5))
			return false; /* strtod would also take hex, inf, nan and white space */
	}
	return digit;
}

bool sg_parse_double(struct sg_str s, double *out)
{
	static locale_t c_locale;
	if (!is_plain_decimal(s) || s.n > 4096)
		return false;
	if (!c_locale && !(c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0)))
		sg_oom();
	char text[4097], *end;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	errno = 0;
	double v = strtod_l(text, &end, c_locale);
	if (end != text + s.n)
		return false;
	*out = v;
	return true;
}
