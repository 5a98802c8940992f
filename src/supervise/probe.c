/*
 * What a machine allows, told to people and to programs.  No script is run.
 */
#include "supervise/supervise_priv.h"

#include <stdio.h>
#include <string.h>

void sg_supervise_probe(const struct sg_supervise_config *config, struct sg_probe *out)
{
	static struct sg_supervisor supervisor;
	struct sg_limits limits = {.memory = config->memory, .file_size = 1 << 20, .threads = 64, .cpu_s = 60};
	struct sg_status st = {0};
	memset(out, 0, sizeof(*out));
	sg_sandbox_facts(&out->facts);
	out->n_findings = sg_sandbox_survey(&limits, out->findings);
	out->runs = sg_supervise_start(&supervisor, config, &st);
	if (out->runs) {
		out->profile = supervisor.sandbox.profile;
		out->layers = supervisor.sandbox.layers;
		out->script_memory = supervisor.engine.memory;
		snprintf(out->python, sizeof(out->python), "%s", supervisor.engine.version);
	} else {
		memcpy(out->why, st.text, sizeof(out->why));
	}
	sg_supervise_stop(&supervisor);
}

static void add_text(struct sg_buf *out, const char *text)
{
	sg_buf_addc(out, '"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			sg_buf_addc(out, '\\');
		sg_buf_addc(out, c < 0x20 || c >= 0x7f ? '?' : (char)c);
	}
	sg_buf_addc(out, '"');
}

static void add_member(struct sg_buf *out, const char *name, const char *text)
{
	sg_buf_addf(out, ",\"%s\":", name);
	if (text && *text)
		add_text(out, text);
	else
		sg_buf_adds(out, "null");
}

static void add_facts(struct sg_buf *out, const struct sg_facts *f)
{
	sg_buf_adds(out, ",\"machine\":{\"kernel\":");
	add_text(out, f->kernel);
	add_member(out, "architecture", f->machine);
	sg_buf_addf(out, ",\"uid\":%u,\"no_new_privs\":%d,\"seccomp\":%d,\"seccomp_filters\":%d,\"landlock\":%d}",
		    f->uid, f->no_new_privs, f->seccomp, f->seccomp_filters, f->landlock);
}

static void add_findings(struct sg_buf *out, const struct sg_probe *p)
{
	sg_buf_adds(out, ",\"layers\":[");
	for (size_t i = 0; i < p->n_findings; i++) {
		const struct sg_layer_finding *f = &p->findings[i];
		sg_buf_addf(out, "%s{\"name\":\"%s\",\"allowed\":%s,\"used\":%s", i ? "," : "", f->name,
			    f->holds ? "true" : "false", p->runs && (p->layers & f->layer) ? "true" : "false");
		add_member(out, "why", f->why);
		add_member(out, "purpose", f->purpose);
		sg_buf_addc(out, '}');
	}
	sg_buf_addc(out, ']');
}

void sg_probe_json(const struct sg_probe *p, struct sg_buf *out)
{
	sg_buf_addf(out, "{\"version\":1,\"runs_scripts\":%s", p->runs ? "true" : "false");
	add_member(out, "profile", p->runs ? sg_sandbox_profile_name(p->profile) : NULL);
	add_member(out, "why", p->why);
	add_member(out, "python", p->python);
	sg_buf_addf(out, ",\"script_memory_mb\":%llu", (unsigned long long)(p->script_memory >> 20));
	add_facts(out, &p->facts);
	add_findings(out, p);
	sg_buf_addc(out, '}');
}
