/* How numbers are spelt in YAML 1.1 (as PyYAML reads it), in YAML 1.2's core schema, and in JSON. */
#ifndef SG_VALUE_NUMBER_PRIV_H
#define SG_VALUE_NUMBER_PRIV_H

#include "value/value.h"

/* Each fills type and value and returns true where the whole text is such a number; else leaves *r alone. */
typedef bool sg_matcher(struct sg_str text, struct sg_reading *r);

sg_matcher sg_number_int11, sg_number_float11;
sg_matcher sg_number_float11_tagged; /* with !!float, where PyYAML takes 12 and 1e3 too */
sg_matcher sg_number_int12, sg_number_float12;
sg_matcher sg_number_json;

/* The shortest decimal that reads back as `v`, spelt as Python spells it; false for infinities and NaN. */
bool sg_number_format(struct sg_buf *out, double v);

#endif
