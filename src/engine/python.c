/*
 * libpython, loaded at run time: one program for every Python 3 that has these functions.  No header of Python's is
 * used, so that nothing of a structure's layout is compiled in but what the stable ABI fixes.
 */
#include "engine/engine_priv.h"

#include <dlfcn.h>
#include <string.h>

bool sg_python_load(const char *library, struct sg_pyapi *api, struct sg_status *st)
{
	/* global: extension modules look for the interpreter's symbols in what is loaded */
	void *lib = dlopen(library, RTLD_NOW | RTLD_GLOBAL);
	if (!lib)
		return sg_fail(st, 0, "cannot load %s: %s", library, dlerror());
#define FIND(name)                                     \
	{                                              \
#name, offsetof(struct sg_pyapi, name) \
	}
	static const struct {
		const char *name;
		size_t at;
	} table[] = {
		FIND(Py_BytesMain),    FIND(PyImport_AppendInittab), FIND(PyModule_Create2),
		FIND(PyOS_BeforeFork), FIND(PyOS_AfterFork_Parent),  FIND(PyOS_AfterFork_Child),
		FIND(PyLong_FromLong), FIND(PyUnicode_FromString),   FIND(PyBytes_AsStringAndSize),
		FIND(Py_GetVersion),
	};
#undef FIND
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		void *p = dlsym(lib, table[i].name);
		if (!p)
			return sg_fail(st, 0, "%s has no %s: this Python is too old", library, table[i].name);
		memcpy((char *)api + table[i].at, &p, sizeof(p));
	}
	return true;
}
