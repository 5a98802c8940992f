/*
 * What a finding is known by from one run to the next.  The message and the witness are part of it: a second way out of
 * the same function must not pass for the first one, which somebody may have accepted.
 */
#include "diag/diag.h"

#include <stdio.h>

/* With its length before it, so that no two lists of texts are the same bytes. */
static void add(struct sg_sha256 *h, struct sg_str s)
{
	char length[24];
	int n = snprintf(length, sizeof(length), "%zu:", s.n);
	sg_sha256_add(h, (struct sg_str){length, (size_t)n});
	sg_sha256_add(h, s);
}

void sg_finding_fingerprint(const struct sg_finding *finding, char out[SG_FINGERPRINT + 1])
{
	struct sg_sha256 h;
	unsigned char digest[32];
	sg_sha256_start(&h);
	add(&h, sg_str(finding->rule->id));
	add(&h, finding->resource);
	add(&h, finding->path);
	add(&h, sg_str(sg_verdict_name(finding->status)));
	add(&h, finding->message);
	for (size_t i = 0; i < finding->witness.n; i++)
		add(&h, finding->witness.v[i].message);
	sg_sha256_end(&h, digest);
	for (int i = 0; i < SG_FINGERPRINT / 2; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}
