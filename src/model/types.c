/*
 * The table of resource types, types.def, sorted and looked up by name.
 */
#include "model/model.h"


static const struct sg_type_info types[] = {
#define TYPE(name, class_name, identity) {name, SG_TYPE_##class_name, identity},
#include "model/types.def"
#undef TYPE
};

static const struct sg_type_info unknown = {"", SG_TYPE_UNKNOWN, ""};

const struct sg_type_info *sg_type_find(struct sg_str name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (sg_str_is(name, types[i].name))
			return &types[i];
	return &unknown;
}
