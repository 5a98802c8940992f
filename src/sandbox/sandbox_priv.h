/*
 * What the files of sandbox/ share among themselves.
 */
#ifndef SG_SANDBOX_PRIV_H
#define SG_SANDBOX_PRIV_H

#include "sandbox/sandbox.h"

#include <linux/filter.h>
#include <stddef.h>

/* ------------------------------------------------------------------------------------ seccomp, as data */

/* In which profiles a call may be made. */
enum sg_call_use {
	SG_CALL_BOTH,   /* needed to compute and to answer */
	SG_CALL_FILES,  /* files and threads: the full profile alone */
	SG_CALL_KILL,   /* nothing but an attack makes this call: the process dies */
	SG_CALL_REFUSE, /* EPERM, as every call that is not named; here for the reason and the test */
	SG_CALL_NOSYS   /* ENOSYS: libc then takes the older call, whose arguments the filter can see */
};

/* A condition on one argument. */
enum sg_call_arg {
	SG_ARG_NONE,
	SG_ARG_EQ,     /* argument == value */
	SG_ARG_MASKED, /* (argument & mask) == value */
	SG_ARG_SELF    /* argument == the process's own id */
};

struct sg_call_rule {
	const char *call;
	enum sg_call_use use;
	enum sg_call_arg arg;
	unsigned index;
	uint64_t mask, value;
	const char *why;
};

extern const struct sg_call_rule sg_call_rules[];
extern const size_t sg_n_call_rules;

/* The id that stands for the process's own in a prepared filter, until it is loaded. */
enum { SG_SELF_PLACEHOLDER = 0x5e1f5e1f };

struct sg_filter {
	struct sock_fprog prog;
	struct sock_filter *insns;
	size_t n_self;           /* instructions that compare with the process's own id */
	unsigned short self[16]; /* where they are */
};

struct sg_filter *sg_filter_new(enum sg_profile profile, struct sg_status *st);
/* The same for another machine (an AUDIT_ARCH_ number of <linux/audit.h>; 0: this one's), for tests: it cannot be loaded. */
struct sg_filter *sg_filter_new_for(enum sg_profile profile, uint32_t machine, struct sg_status *st);
void sg_filter_free(struct sg_filter *f);
/* Loads it for the calling process, with its own id filled in. */
bool sg_filter_load(struct sg_filter *f, struct sg_status *st);

/* ------------------------------------------------------------------------------------ the other layers */

bool sg_limits_apply(const struct sg_sandbox *s, uint64_t address_space, struct sg_status *st);
bool sg_limits_close(struct sg_status *st); /* RLIMIT_NOFILE 0 */

bool sg_privs_give_up(struct sg_status *st); /* no_new_privs, verified */

/* The rules for these directories; `own_root`: the view is the root already.  Applied in a child, after no_new_privs. */
bool sg_landlock_prepare(const struct sg_view *view, bool own_root, struct sg_status *st);
/* Again, when /tmp has become another file system: rules are of files, not of names. */
bool sg_landlock_renew(struct sg_status *st);
bool sg_landlock_apply(struct sg_status *st);

/* The calling process and those that it will fork are what the kernel kills first when memory is short; verified. */
bool sg_oom_volunteer(struct sg_status *st);

/* Dies with its parent, where prctl is allowed. */
void sg_ns_tie_to_parent(void);
/* Builds the view and makes it the root.  In a mount namespace of the caller's own. */
bool sg_view_enter(const struct sg_view *view, struct sg_status *st);
/* A /tmp of this size that nobody has touched: the one that is there, or another file system.  In the view. */
bool sg_view_renew_tmp(uint64_t bytes, bool *another, struct sg_status *st);
bool sg_ns_drop_caps(struct sg_status *st);

#endif
