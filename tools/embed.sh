#!/bin/sh
# Files into a C table, so that the one binary works anywhere; the same bytes from the same files everywhere.
#
#   tools/embed.sh [-C DIR] [-c] PREFIX FILE... > PREFIX.gen.c
#
# defines sg_embedded_PREFIX[] (struct sg_embedded, base/base.h) and sg_embedded_PREFIX_count.  A row's name is FILE
# as given, its data ends in a NUL that its size does not count.  With -C the files are found below DIR.
# With -c lines that are comments (#) are left out, but for pragmas: what the program reads at every start is small.
# With -p a rule file (*.guard) stands for the pages in front of its rules, each by the name ID.md in the first folder of its path.
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
strip=
pages=
case ${1-} in
-c)
	strip='/^#/{/^# sandboxgen:/!d;}'
	shift
	;;
-p)
	pages=yes
	shift
	;;
esac
[ $# -ge 1 ] || fail "usage: embed.sh [-C DIR] [-c|-p] PREFIX FILE..."
prefix=$1
shift
for file; do
	case $file in
	*[!A-Za-z0-9._/-]*) fail "the name '$file' has characters that a C string would have to escape" ;;
	esac
	[ -r "$file" ] || fail "cannot read '$file'"
done

# the bytes of standard input, as file $i
emit() {
	echo "static const unsigned char file_${i}[] = { /* $1 */"
	od -An -v -tx1 | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g'
	echo "0x00};"
	i=$((i + 1))
}

# rule files into "ID FILE" for each page in them, other files as they are
rows() {
	for file; do
		case $pages$file in
		yes*.guard) sed -n "s,^# # \([A-Za-z0-9_]*\): .*,\1 $file,p" "$file" ;;
		*) echo "- $file" ;;
		esac
	done
}

name() { # ID FILE
	if [ "$1" = - ]; then echo "$2"; else echo "${2%%/*}/$1.md"; fi
}

echo "/* Made by tools/embed.sh; do not edit. */"
echo '#include "base/base.h"'
echo
i=0
rows "$@" | {
	while read -r id file; do
		if [ "$id" = - ]; then
			sed "$strip" "$file" | emit "$file"
		else
			sed -n "/^# # $id: /,/^rule $id /p" "$file" | sed -n 's/^# \{0,1\}//p' | emit "$(name "$id" "$file")"
		fi
		i=$((i + 1))
	done
}
echo
echo "const struct sg_embedded sg_embedded_${prefix}[] = {"
rows "$@" | {
	i=0
	while read -r id file; do
		echo "	{\"$(name "$id" "$file")\", (const char *)file_$i, sizeof(file_$i) - 1},"
		i=$((i + 1))
	done
	echo "	{NULL, NULL, 0},"
	echo "};"
	echo "const size_t sg_embedded_${prefix}_count = $i;"
}
