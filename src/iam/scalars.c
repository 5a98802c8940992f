/*
 * The texts of numbers, dates and address ranges in conditions.  What cannot be represented exactly is refused: the
 * caller then knows nothing of it.
 */
#include "iam/iam_priv.h"

#include <arpa/inet.h>
#include <string.h>

enum { MAX_TEXT = 64, EXACT_DIGITS = 15 };

static bool ascii(struct iam_raw r, char buf[MAX_TEXT])
{
	if (r.n == 0 || r.n >= MAX_TEXT)
		return false;
	for (size_t k = 0; k < r.n; k++) {
		if (r.t[k] > 126 || r.t[k] < 33)
			return false;
		buf[k] = (char)r.t[k];
	}
	buf[r.n] = '\0';
	return true;
}

bool iam_read_number(struct iam_raw r, double *out)
{
	char buf[MAX_TEXT];
	size_t digits = 0, at = 0;
	if (!ascii(r, buf))
		return false;
	at += buf[0] == '-';
	for (; buf[at]; at++) {
		if (buf[at] != '.' && (buf[at] < '0' || buf[at] > '9'))
			return false;
		digits += buf[at] != '.';
	}
	return digits > 0 && digits <= EXACT_DIGITS && sg_parse_double(sg_str(buf), out);
}

/* Days from 1970-01-01 of the proleptic Gregorian calendar. */
static int64_t days(int64_t y, int64_t m, int64_t d)
{
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* `n` digits at *p, at most `max`. */
static bool digits(const char **p, int n, int64_t max, int64_t *out)
{
	*out = 0;
	for (; n; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*out = *out * 10 + (**p - '0');
	}
	return *out <= max;
}

static bool skip(const char **p, char c)
{
	bool there = **p == c;
	*p += there;
	return there;
}

/* "Z", "+hh:mm" or "-hh:mm" */
static bool zone(const char **p, int64_t *seconds)
{
	int64_t h, m, sign = **p == '-' ? -1 : 1;
	*seconds = 0;
	if (skip(p, 'Z'))
		return true;
	if (!skip(p, '+') && !skip(p, '-'))
		return false;
	if (!digits(p, 2, 23, &h) || !skip(p, ':') || !digits(p, 2, 59, &m))
		return false;
	*seconds = sign * (h * 3600 + m * 60);
	return true;
}

static int64_t days_of_month(int64_t y, int64_t m)
{
	return days(m == 12 ? y + 1 : y, m == 12 ? 1 : m + 1, 1) - days(y, m, 1);
}

/* The W3C profile of ISO 8601 (https://www.w3.org/TR/NOTE-datetime), whole seconds; or seconds since 1970.  Four digits
 * alone may be either. */
bool iam_read_date(struct iam_raw r, double *out)
{
	char buf[MAX_TEXT];
	int64_t y, mo = 1, d = 1, h = 0, mi = 0, s = 0, off = 0;
	if (!ascii(r, buf))
		return false;
	const char *p = buf;
	if (strspn(buf, "0123456789") == strlen(buf))
		return strlen(buf) != 4 && iam_read_number(r, out);
	if (!digits(&p, 4, 9999, &y))
		return false;
	if (skip(&p, '-') && (!digits(&p, 2, 12, &mo) || mo == 0))
		return false;
	if (skip(&p, '-') && (!digits(&p, 2, 31, &d) || d == 0))
		return false;
	if (d > days_of_month(y, mo))
		return false;
	if (skip(&p, 'T')) {
		if (!digits(&p, 2, 23, &h) || !skip(&p, ':') || !digits(&p, 2, 59, &mi))
			return false;
		if (skip(&p, ':') && !digits(&p, 2, 59, &s))
			return false;
		if (!zone(&p, &off))
			return false;
	}
	if (*p)
		return false;
	*out = (double)(days(y, mo, d) * 86400 + h * 3600 + mi * 60 + s - off);
	return true;
}

/* The inverse of days(): http://howardhinnant.github.io/date_algorithms.html#civil_from_days */
static void civil(int64_t z, int64_t *y, int64_t *m, int64_t *d)
{
	z += 719468;
	int64_t era = z / 146097, doe = z % 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp < 10 ? mp + 3 : mp - 9;
	*y = yoe + era * 400 + (*m <= 2);
}

struct sg_str iam_date_show(struct sg_arena *a, double seconds)
{
	int64_t y, m, d;
	/* Before 1970, after 9999 and between whole seconds: a number, which iam_read_date may refuse. */
	if (!(seconds >= 0 && seconds < 253402300800.0) || seconds > (double)(int64_t)seconds)
		return sg_strf(a, "%.15g", seconds);
	int64_t t = (int64_t)seconds, s = t % 86400;
	civil(t / 86400, &y, &m, &d);
	return sg_strf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)y, (int)m, (int)d, (int)(s / 3600), (int)(s / 60 % 60),
		       (int)(s % 60));
}

/* ---------------------------------------------------------------------------------------------- addresses */

static bool address(const char *text, struct iam_range *out, unsigned *bits)
{
	memset(out, 0, sizeof(*out));
	out->v6 = strchr(text, ':') != NULL;
	*bits = out->v6 ? 128 : 32;
	return inet_pton(out->v6 ? AF_INET6 : AF_INET, text, out->lo + (out->v6 ? 0 : 12)) == 1;
}

bool iam_read_range(struct iam_raw r, struct iam_range *out)
{
	char buf[MAX_TEXT];
	unsigned bits;
	int64_t prefix;
	if (!ascii(r, buf))
		return false;
	char *slash = strchr(buf, '/');
	if (slash)
		*slash = '\0';
	if (!address(buf, out, &bits))
		return false;
	prefix = bits;
	if (slash && (!sg_parse_i64(sg_str(slash + 1), &prefix) || prefix < 0 || prefix > (int64_t)bits))
		return false;
	memcpy(out->hi, out->lo, sizeof(out->hi));
	for (unsigned k = 128 - bits + (unsigned)prefix; k < 128; k++) {
		out->lo[k / 8] &= (unsigned char)~(0x80 >> k % 8);
		out->hi[k / 8] |= (unsigned char)(0x80 >> k % 8);
	}
	return true;
}
