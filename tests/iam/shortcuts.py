"""Each unsound shortcut that a prover of permissions can take is planted in ours, and the unit tests must notice.

A shortcut is an edit of one file of src/iam: that file is compiled once more, into a copy of the unit test program, which
must then fail, with a row that is named here.  What says where a shortcut was seen stands beside it: most are what other
tools do (parliament, cloudsplaining, policy-sentry, cfn-policy-validator).  Speaks TAP; `shortcuts.py WORD` runs those
whose name has WORD, and shows what failed.
"""
import concurrent.futures
import os
import subprocess
import sys
import tempfile

TOP = os.path.abspath(os.environ.get('top_srcdir') or os.path.join(os.path.dirname(__file__), '..', '..'))
BUILD = os.path.abspath(os.environ.get('top_builddir', '.'))

# name, file, what stands there, what is planted, words of the row that notices
SHORTCUTS = [
    # "has a condition" is taken for safe
    ('an Allow under a condition is left out', 'compile.c',
     'if (!r->up && (!certain', 'if (r->up && r->mode == IAM_MAY && s->effect == IAM_ALLOW && s->cond.atoms.n)\n\t\treturn;\n'
     '\tif (!r->up && (!certain', 'a condition is no wall'),
    ('IfExists asks for its key', 'cond.c', 'return a->if_exists || a->negated;', 'return a->negated;', 'IfExists'),
    ('a negated operator asks for its key', 'cond.c', 'return a->if_exists || a->negated;', 'return a->if_exists;', 'Not'),
    ('ForAllValues asks for its key', 'cond.c', 'return a->set == IAM_SET_ALL;', 'return false;', 'ForAllValues'),
    # a Deny takes more away than it says
    ('a Deny under a condition denies always', 'compile.c', 'if (s->cond.atoms.n && !s->cond.vague)',
     'if (s->cond.atoms.n && !s->cond.vague && s->effect != IAM_DENY)', 'a Deny under a condition takes nothing away'),
    ('a Deny of one resource denies its actions everywhere', 'compile.c',
     '\tif (s->cond.atoms.n && !s->cond.vague)',
     '\tif (s->effect == IAM_DENY)\n\t\tc.resources = everything(r, s->span);\n\tif (s->cond.atoms.n && !s->cond.vague)',
     'a Deny of one resource takes no action away'),
    ('a Deny whose condition cannot be read denies', 'compile.c', '(!certain || s->vague || s->cond.vague)',
     '(!certain || s->vague)', 'a Deny whose condition nobody can read'),
    # wildcards are expanded through a catalogue
    ('an action that no catalogue has is none', 'contain.c', '\tif (!positives_match(s, false, matches, &at))\n\t\treturn false;',
     '\tif (!positives_match(s, false, matches, &at))\n\t\treturn false;\n'
     '\tstruct sg_str shown = iam_raw_show(s->p->i, word);\n'
     '\tif (!iam_service_find(sg_str_sub(shown, 0, sg_str_find(shown, ":", 0))))\n\t\treturn false;',
     'an action that no catalogue knows'),
    # an Fn::If that is not resolved is ignored
    ('what stands in an Fn::If is ignored', 'document.c', '\t\tif (!iam_possible(r->i, g, items.v[k].guard))\n\t\t\tcontinue;\n'
     '\t\tsize_t from', '\t\tif (!iam_within(r->i, g, items.v[k].guard))\n\t\t\tcontinue;\n\t\tsize_t from',
     'each branch of an If counts'),
    ('a statement in an Fn::If is ignored', 'document.c', '\t\tif (!sg_guard_possible(i->m->worlds, in))\n\t\t\tcontinue;\n'
     '\t\tif (v->kind == SG_V_MAP) {', '\t\tif (!iam_within(i, g, in))\n\t\t\tcontinue;\n\t\tif (v->kind == SG_V_MAP) {',
     'a grant in one world'),
    # a pattern of the reference is matched on the text of a pattern
    ('patterns are compared as texts', 'same.c', 'if (iam_pat_is_star(s->v[k]) || same_glob(s->v[k], p))',
     'if (iam_pat_is_star(s->v[k]) || iam_point_glob(s->v[k], (struct iam_raw){p.t, p.n}, false) == IAM_YES)',
     'a ? is one character'),
    ('wildcards of both sides are the same characters', 'same.c', 'if (a.n != b.n || a.nocase != b.nocase ||',
     'if (a.n == b.n && a.n && iam_is_any(a.t[a.n - 1]) && iam_is_star(b.t[b.n - 1]))\n\t\treturn true;\n'
     '\tif (a.n != b.n || a.nocase != b.nocase ||', 'a star is more than one character'),
    # what the rounding table says (research on the same page)
    ('a managed policy that is not known allows nothing', 'effective.c', '\telse\n\t\tiam_stmt_anything(i, a->guard, span, origin,',
     '\telse if (!use.certain)\n\t\tiam_stmt_anything(i, a->guard, span, origin,', 'an unknown managed policy'),
    ('a boundary that is not known allows nothing', 'effective.c',
     '\tfor (size_t k = 0; k < aside.stmts.n; k++)\n',
     '\tfor (size_t k = 0; k < aside.stmts.n && !aside.stmts.v[k].vague; k++)\n', 'row 3'),
    ('a policy variable of a Deny is any text', 'pattern.c', 'else if (c->how.letters && c->how.mode == IAM_MAY)',
     'else if (c->how.letters && c->how.mode == IAM_MAY && c->how.up)\n\t\temit(c, letter_of_variable(c->i, (struct '
     'iam_raw){c->raw.t + c->at + 2, end - c->at - 2}));\n\telse if (c->how.letters && c->how.mode == IAM_MAY)\n'
     '\t\temit(c, IAM_STAR);\n\telse if (0)', 'row 2'),
    ('an unknown text is an ordinary one in a NotResource', 'compile.c', 'p.loose = r->mode == IAM_MAY && negated && how.up;',
     'p.loose = false;', 'a letter may be the text that a NotResource leaves out'),
    ('stars cross every colon', 'contain.c', 'for (int k = 0; k < IAM_READINGS; k++) {', 'for (int k = 0; k < 1; k++) {',
     'by one reading alone'),
    ('an Effect that nobody knows is a Deny', 'compile.c', '(s->effect == IAM_EFFECT_UNKNOWN && larger))\n\t\t\tpush_stmt(&allow',
     '(s->effect == IAM_EFFECT_UNKNOWN && !larger))\n\t\t\tpush_stmt(&allow', 'unproven'),
    # readers of policies that differ
    ('a Version that nobody knows has variables', 'compile.c', '!negated && !of->version_open', '!negated', 'row 8'),
    ('two atoms of one name both count', 'document.c', 'c->vague |= said_twice(c, &a);', '', 'one key twice'),
    ('a list without values matches nothing', 'document.c', 'a->unique |= a->values.n == 0;', '', 'without values'),
    ('who is over budget is within', 'contain.c', 'return !s.found && !out->over_budget;', 'return !s.found;', 'more than the budget'),
    # values for policy variables
    ('a variable may have a value that the request has not', 'bound.c', '\t\t\trequire(b, &s.cond);', '\t\t\t(void)require;',
     'a Deny of all who have the key'),
    ('all keys have one value', 'bound.c', "b->round ? 'q' : (char)('a' + b->n)", "b->round ? 'q' : 'a'", 'another variable'),
    ('a key of several values is a variable', 'bound.c', 'if (!is_single(key) || (key.n', 'if ((void)is_single, (key.n', 'several values'),
    ('an old Version has variables with values', 'bound.c', 'literal ? &none : b', 'literal && !b ? &none : b', 'row 2'),
]


def make_words():
    """How the build compiles, and links the unit tests."""
    makefile = 'include Makefile\nsg-words:\n\t@echo "$(COMPILE)"\n\t@echo "$(tests_unit_iam_test_iam_LINK)"\n' \
               '\t@echo "$(tests_unit_iam_test_iam_OBJECTS)"\n\t@echo "$(tests_unit_iam_test_iam_LDADD)"\n'
    # as from a shell: what `make check` hands down (its flags, top_srcdir) is not for this make
    environment = {k: v for k, v in os.environ.items() if not k.startswith(('MAKE', 'MFLAGS', 'top_', 'CK_'))}
    run = subprocess.run(['make', '-s', '--no-print-directory', '-f', '-', 'sg-words', 'V=1'], input=makefile, text=True, cwd=BUILD,
                         env=environment, capture_output=True, timeout=60)
    lines = [line.split() for line in run.stdout.splitlines() if line.strip()]
    if len(lines) < 4:
        raise SystemExit('the build does not say how it compiles: ' + run.stderr)
    return lines[-4:]


def planted(shortcut, words, where):
    """What the unit tests say with the shortcut in: (all is well, output)."""
    name, file, old, new, _ = shortcut
    compile_, link, objects, libraries = words
    with open(os.path.join(TOP, 'src', 'iam', file), encoding='utf-8') as f:
        text = f.read()
    if text.count(old) != 1:
        return True, '%s has %d times: %s' % (file, text.count(old), old)
    base = os.path.join(where, name.replace(' ', '-'))
    with open(base + '.c', 'w', encoding='utf-8') as f:
        f.write('#include "iam/catalogue.h"\n' + text.replace(old, new))
    for command in [compile_ + ['-w', '-Wno-error', '-c', '-o', base + '.o', base + '.c'],
                    [w for w in link if w not in ('-o', 'sg-words')] + ['-o', base] + objects + [base + '.o'] + libraries]:
        run = subprocess.run(command, cwd=BUILD, capture_output=True, text=True, timeout=300)
        if run.returncode:
            return True, run.stderr
    environment = {k: v for k, v in os.environ.items() if not k.startswith('CK_')}
    environment.update(CK_VERBOSITY='normal', CK_DEFAULT_TIMEOUT='120')
    run = subprocess.run([base], cwd=BUILD, capture_output=True, text=True, timeout=300, env=environment)
    return run.returncode == 0, run.stdout


def main():
    wanted = [s for s in SHORTCUTS if not sys.argv[1:] or sys.argv[1] in s[0]]
    failed = 0
    words = make_words()
    with tempfile.TemporaryDirectory() as where, concurrent.futures.ThreadPoolExecutor(2) as pool:
        for n, (s, (well, said)) in enumerate(zip(wanted, pool.map(lambda s: planted(s, words, where), wanted)), 1):
            lines = [x for x in said.splitlines() if ':F:' in x or ':E:' in x]
            noticed = not well and any(s[4] in x for x in lines)
            failed += not noticed
            print('%sok %d - %s' % ('' if noticed else 'not ', n, s[0]))
            if not noticed or sys.argv[1:]:
                print('\n'.join('# ' + x for x in (lines or said.splitlines()[-20:])))
    print('1..%d' % len(wanted))
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main())
