#!/bin/sh
# Runs the transcripts in cases/*.t: what a command prints (both streams, standard error first, as the program does it)
# and its exit code must be what the transcript says.
#
#   Text of any kind.
#     $ sandboxgen explain NOPE
#     > continued lines, as in a here-document
#     sandboxgen: error: explain: unknown rule 'NOPE'
#     [2]
#
# Each transcript runs in an empty folder of its own.  `make update-golden` (--update) rewrites them; read the diff.
set -u
top=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${top_builddir:-$top}
cases=$top/tests/golden/cases
update=no
[ "${1-}" = --update ] && update=yes && shift
if [ ! -x "$build/sandboxgen" ]; then
	echo "Bail out! $build/sandboxgen is not there: build first, or set top_builddir"
	exit 99
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/sg-golden.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
n=0

# The commands of a transcript as a shell script that marks the end of each.
to_script() {
	awk '
	function end() { if (open) print "printf \"\\n%s %d\\n\" SALT $?" }
	/^  \$ / { end(); open = 1; print substr($0, 5); next }
	/^  > / { print substr($0, 5); next }
	/^  >$/ { print ""; next }
	END { end() }' "$1" | sed 's/SALT/"$SALT"/'
}

# The transcript with its outputs replaced by what the script printed.
to_transcript() { # TRANSCRIPT OUTPUT
	awk -v salt="$SALT" -v output="$2" '
	function flush(   line, last, have) {
		have = 0
		while ((getline line < output) > 0) {
			if (index(line, salt " ") == 1) {
				# the mark stands behind a line feed of its own
				if (have && last != "")
					print "  " last " (no line feed)"
				if (substr(line, length(salt) + 2) != "0")
					print "  [" substr(line, length(salt) + 2) "]"
				return
			}
			if (have)
				print "  " last
			last = line
			have = 1
		}
	}
	/^  \$ / { if (open) flush(); open = 1; print; next }
	/^  > / || /^  >$/ { print; next }
	/^  / && open { next }
	{ if (open) flush(); open = 0; print }
	END { if (open) flush() }' "$1"
}

for case in "$cases"/*.t; do
	name=$(basename "$case" .t)
	n=$((n + 1))
	SALT=salt-$$-$n
	mkdir -p "$work/in/$name"
	to_script "$case" > "$work/script"
	(cd "$work/in/$name" && env -i PATH="$build:$PATH" HOME="$work/in/$name" TMPDIR="$work" SALT="$SALT" top_srcdir="$top" \
		LC_ALL="${GOLDEN_LOCALE:-C}" TZ="${GOLDEN_TZ:-UTC}" sh "$work/script" > "$work/output" 2>&1 < /dev/null)
	to_transcript "$case" "$work/output" > "$work/actual"
	if cmp -s "$case" "$work/actual"; then
		echo "ok $n - $name"
	elif [ $update = yes ]; then
		cp "$work/actual" "$case"
		echo "ok $n - $name (rewritten)"
	else
		echo "not ok $n - $name"
		diff -u "$case" "$work/actual" | sed 's/^/# /'
	fi
done
echo "1..$n"
