#!/bin/sh
# What checks the distribution passes on a small tree, and tells each kind of fault that is planted in it.
set -u
top=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
check=$top/tools/check-dist
work=$(mktemp -d "${TMPDIR:-/tmp}/sg-dist.XXXXXX") || exit 99
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

fresh() {
	rm -rf "$work/src" "$work/dist"
	mkdir -p "$work/src/tests/golden/errors" "$work/dist"
	echo 'int x;' > "$work/src/x.c"
	echo 'a b' > "$work/src/a b.txt"
	printf 'key: \000\n' > "$work/src/tests/golden/errors/nul.yaml"
	: > "$work/src/.gitignore"
	cp -R "$work/src/." "$work/dist"
}

run() { # LIST: what is under version control, a name on a line
	printf '%s\n' "$@" | "$check" "$work/src" "$work/dist" > "$work/out" 2>&1
}

fresh
run x.c 'a b.txt' tests/golden/errors/nul.yaml .gitignore
result $? "a tree that is shipped whole passes"

rm "$work/dist/a b.txt"
run x.c 'a b.txt'
[ $? = 1 ] && grep -qF 'a b.txt is not shipped' "$work/out"
result $? "a file that is not shipped is named"

fresh
printf 'ELF\000\001' > "$work/src/judge"
cp "$work/src/judge" "$work/dist/judge"
run x.c judge
[ $? = 1 ] && grep -qF 'judge is binary' "$work/out"
result $? "a program that went in by mistake is named"

fresh
rm "$work/dist/.gitignore"
run x.c .gitignore
result $? "what only a repository needs may stay behind"

"$check" "$work/src" "$work/dist" < /dev/null > "$work/out" 2>&1
[ $? = 2 ]
result $? "an empty list is no pass"

"$check" "$work/src" "$work/none" < /dev/null > "$work/out" 2>&1
[ $? = 2 ]
result $? "a folder that is not there is no pass"
echo "1..$n"
