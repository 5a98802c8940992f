/*
 * What the files of engine/ share among themselves.
 */
#ifndef SG_ENGINE_PRIV_H
#define SG_ENGINE_PRIV_H

#include "engine/engine.h"

/* host.py, made into host.gen.c by the build */
extern const char sg_host_text[];

/* Messages between supervisor and zygote, over a SOCK_SEQPACKET pair. */
enum sg_engine_message {
	SG_MSG_READY = 1, /* zygote: `memory` and `text` (the version) */
	SG_MSG_FAILED,    /* zygote: `text` */
	SG_MSG_RUN,       /* supervisor: with the streams' descriptors */
	SG_MSG_STARTED,   /* zygote: `pid`, with a pidfd where the kernel gives one */
	SG_MSG_ENDED,     /* zygote */
	SG_MSG_REAP,      /* supervisor */
	SG_MSG_REAPED     /* zygote: `status`, `cpu_us`, `max_rss_kb` */
};

struct sg_engine_msg {
	int32_t kind, pid, status, pad;
	uint64_t cpu_us, max_rss_kb, memory;
	char text[400];
};

/* The zygote's whole life, in the process that sg_engine_start forked.  Never returns. */
SG_NORETURN void sg_zygote_main(int control, const struct sg_engine_config *config, const struct sg_sandbox *s);

/* The functions of libpython that are used: all of the limited API, none of whose structures are looked into. */
struct sg_pyobject;
struct sg_pyapi {
	int (*Py_BytesMain)(int, char **);
	int (*PyImport_AppendInittab)(const char *, struct sg_pyobject *(*)(void));
	struct sg_pyobject *(*PyModule_Create2)(void *, int);
	void (*PyOS_BeforeFork)(void);
	void (*PyOS_AfterFork_Parent)(void);
	void (*PyOS_AfterFork_Child)(void);
	struct sg_pyobject *(*PyLong_FromLong)(long);
	struct sg_pyobject *(*PyUnicode_FromString)(const char *);
	int (*PyBytes_AsStringAndSize)(struct sg_pyobject *, char **, ptrdiff_t *);
	const char *(*Py_GetVersion)(void);
};

/* Loads libpython and finds the functions. */
bool sg_python_load(const char *library, struct sg_pyapi *api, struct sg_status *st);

/* A module's methods, in the layout of the stable ABI. */
typedef struct sg_pyobject *(*sg_pymethod)(struct sg_pyobject *self, struct sg_pyobject *arg);
struct sg_pymethoddef {
	const char *name;
	sg_pymethod call;
	int flags; /* SG_PY_NOARGS or SG_PY_ONE */
	const char *doc;
};
enum { SG_PY_NOARGS = 0x4, SG_PY_ONE = 0x8 };

/* A module definition in the layout of the stable ABI (PEP 384), filled in by sg_pymodule_init. */
struct sg_pymoduledef {
	struct {
		ptrdiff_t refcount;
		void *type;
	} base;
	struct sg_pyobject *(*init)(void);
	ptrdiff_t index;
	struct sg_pyobject *copy;
	const char *name, *doc;
	ptrdiff_t size;
	struct sg_pymethoddef *methods;
	void *slots;
	int (*traverse)(struct sg_pyobject *, void *, void *);
	int (*clear)(struct sg_pyobject *);
	void (*free)(void *);
};
enum { SG_PY_ABI = 3 }; /* PYTHON_ABI_VERSION */

#endif
