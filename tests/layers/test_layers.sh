#!/bin/sh
# The layer check passes on the tree, and each kind of fault planted in a small tree makes it fail with a word about it.
set -u
top=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
check=$top/tools/check-layers
work=$(mktemp -d "${TMPDIR:-/tmp}/sg-layers.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
n=0

result() { # STATUS DESCRIPTION
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$work/out"
	fi
}

plant() { # FILE TEXT
	mkdir -p "$work/src/$(dirname "$1")"
	printf '%s\n' "$2" > "$work/src/$1"
}

fresh() {
	rm -rf "$work/src"
	plant base/base.h '#include <stddef.h>'
	plant diag/diag.h '#include "base/base.h"'
	plant diag/diag_priv.h '#include "diag/diag.h"'
	plant diag/a.c '#include "diag/diag_priv.h"'
	plant yaml/a.c '#include <yaml.h>'
	printf 'room base:\nroom diag: base\nroom yaml: base diag\nroom top: diag\nlib yaml.h: yaml\nlib yajl/: top\n' > "$work/table"
}

# Expects a fault of which the words are told.
faulty() { # DESCRIPTION WORDS
	"$check" "$work/src" "$work/table" > "$work/out" 2>&1
	[ $? = 1 ] && grep -qF -- "$2" "$work/out"
	result $? "$1"
}

"$check" > "$work/out" 2>&1
result $? "the tree keeps to the table"
fresh
"$check" "$work/src" "$work/table" > "$work/out" 2>&1
result $? "a small tree without a fault passes"

plant base/x.c '#include "diag/diag.h"'
faulty "a room may not use one above it" 'base may not use diag'
fresh
plant yaml/x.c '#include "diag/diag_priv.h"'
faulty "a private header stays in its room" 'only diag/diag.h is public'
fresh
plant yaml/x.c '	#  include   "diag/diag_priv.h"  // spaced'
faulty "however the directive is spaced" 'only diag/diag.h is public'
fresh
plant diag/diag.h '#include "diag/diag_priv.h"'
faulty "headers may not include each other in a circle" 'include cycle'
fresh
plant new/x.c 'int x;'
faulty "a room is in the table" 'in no room of the table'
fresh
plant diag/x.c '#include <yaml.h>'
faulty "a library stays in the rooms that name it" 'only these rooms may: yaml'
fresh
plant diag/x.c '#include <yajl/yajl_gen.h>'
faulty "so does one whose headers are in a folder" 'only these rooms may: top'
fresh
plant diag/x.c '#include "base.h"'
faulty "includes name the room" 'say the room'
fresh
sed 's/^room base:/room base: top/' "$work/table" > "$work/t" && mv "$work/t" "$work/table"
faulty "the table itself has no circle" 'room cycle'
fresh
echo 'rom x: base' >> "$work/table"
faulty "a line of the table that is none is told" 'a line that is none'
fresh
rm -r "$work/src" && mkdir "$work/src"
faulty "a folder without sources is no success" 'no source file'
"$check" "$work/none" > "$work/out" 2>&1
[ $? = 2 ]
result $? "a folder that is not there is exit code 2"
echo "1..$n"
