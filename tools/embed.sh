#!/bin/sh
# Files into a C table, so that the one binary works anywhere; the same bytes from the same files everywhere.
#
#   tools/embed.sh [-C DIR] PREFIX FILE... > PREFIX.gen.c
#
# defines sg_embedded_PREFIX[] (struct sg_embedded, base/base.h) and sg_embedded_PREFIX_count.  A row's name is FILE
# as given, its data ends in a NUL that its size does not count.  With -C the files are found below DIR.
set -eu
LC_ALL=C
export LC_ALL

fail() {
	echo "embed.sh: $*" >&2
	exit 1
}

if [ "${1-}" = -C ]; then
	cd "$2"
	shift 2
fi
[ $# -ge 1 ] || fail "usage: embed.sh [-C DIR] PREFIX FILE..."
prefix=$1
shift
for file; do
	case $file in
	*[!A-Za-z0-9._/-]*) fail "the name '$file' has characters that a C string would have to escape" ;;
	esac
	[ -r "$file" ] || fail "cannot read '$file'"
done

echo "/* Made by tools/embed.sh; do not edit. */"
echo '#include "base/base.h"'
echo
i=0
for file; do
	echo "static const unsigned char file_$i[] = { /* $file */"
	od -An -v -tx1 "$file" | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g'
	echo "0x00};"
	i=$((i + 1))
done
echo
echo "const struct sg_embedded sg_embedded_$prefix[] = {"
i=0
for file; do
	echo "	{\"$file\", (const char *)file_$i, sizeof(file_$i) - 1},"
	i=$((i + 1))
done
echo "	{NULL, NULL, 0},"
echo "};"
echo "const size_t sg_embedded_${prefix}_count = $i;"
