/*
 * The table of resource types, types.def, sorted and looked up by name.
 */
#include "model/model.h"

#include <string.h>

static const struct {
	struct sg_type_info info;
	size_t length;
} types[] = {
#define TYPE(name, class_name, identity) {{name, SG_TYPE_##class_name, identity}, sizeof(name) - 1},
#include "model/types.def"
#undef TYPE
};

static const struct sg_type_info unknown = {"", SG_TYPE_UNKNOWN, ""};

const struct sg_type_info *sg_type_find(struct sg_str name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (name.n == types[i].length && !memcmp(name.p, types[i].info.name, name.n))
			return &types[i].info;
	return &unknown;
}
