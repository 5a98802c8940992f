#!/bin/sh
# No text crashes the pipeline, hangs it or makes it leak (the last is a sanitizer's to say): tests/tools/pipeline.c over
# 2,000 cases drawn from the corpora, or, with `all`, over every file of them and eight truncations of each, all in one process.
here=$(dirname "$0")
top=${top_srcdir:-$here/../..}
corpora=${SANDBOXGEN_CORPORA:-$top/../shared/corpora}
echo 1..1
files() {
	ls "$here"/*.yaml
	[ ! -d "$corpora" ] || find "$corpora" -type f | LC_ALL=C sort
}
cases='-n 2000 -s 20'
[ "$1" != all ] || cases='-t 8 -s 20'
# shellcheck disable=SC2086
if files | "${top_builddir:-$top}/tests/tools/pipeline" $cases; then
	echo 'ok 1 - every text is judged or refused'
else
	echo 'not ok 1 - every text is judged or refused'
	exit 1
fi
