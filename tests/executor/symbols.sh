#!/bin/sh
# The executor runs on Amazon Linux 2023: nothing newer than GLIBC_2.34, and no library but libc and its parts.
set -u
program=${top_builddir:-.}/bootstrap
echo 1..3
n=0
point() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}

# A machine without objdump must not pass what it cannot check.
symbols=$(objdump -T "$program") && needed=$(objdump -p "$program" | awk '$1 == "NEEDED" { print $2 }')
found=$?
versions=$(printf '%s\n' "$symbols" | grep -o 'GLIBC_[0-9.]*' | sort -u)
[ "$found" = 0 ] && [ -n "$versions" ]
point $? "objdump reads the program"

newest=$(printf 'GLIBC_2.34\n%s\n' "$versions" | sort -V | tail -n 1)
[ -n "$versions" ] && [ "$newest" = GLIBC_2.34 ]
point $? "nothing newer than GLIBC_2.34 ($newest)"

others=$(printf '%s\n' "$needed" | grep -v -E '^(libc\.so\.6|libdl\.so\.2|ld-linux-[a-z0-9-]*\.so\.[0-9])$')
[ -n "$needed" ] && [ -z "$others" ]
point $? "linked with libc alone ($(echo $needed))"
