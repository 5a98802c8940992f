#!/bin/sh
# The joint analysis of worlds against brute force (tests/tools/brute-worlds.c), on the templates beside this file and, where
# they are at hand, those of the corpora.
here=$(dirname "$0")
top=${top_srcdir:-$here/../..}
corpora=${SANDBOXGEN_CORPORA:-$top/../shared/corpora}
echo 1..1
{
	ls "$here"/*.yaml
	[ ! -d "$corpora" ] || find "$corpora" -type f \( -name '*.y*ml' -o -name '*.json' -o -name '*.template' \) | LC_ALL=C sort
} | "${top_builddir:-$top}/tests/tools/brute-worlds"
case $? in
0) echo 'ok 1 - every value of every resource is the same in every world' ;;
*) echo 'not ok 1 - every value of every resource is the same in every world' ;;
esac
