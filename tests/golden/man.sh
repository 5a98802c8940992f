#!/bin/sh
# The man page knows every command and every option of the tables, and no others.  The tables are asked through
# --help, which is made from them.
set -u
top=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${top_builddir:-$top}
page=$top/man/sandboxgen.1
program=$build/sandboxgen
n=0
result() {
	n=$((n + 1))
	[ "$1" = 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}

# "init --yes" …, a line for each option of each command; "-" for those of the program itself
of_program() {
	"$program" --help | sed -n 's/^  *\(-., \)\{0,1\}\(--[a-z-]*\).*/- \2/p'
	for command in $("$program" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
		echo "$command"
		"$program" "$command" --help | sed -n '/^options:/,$s/^  *\(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p' |
			grep -v '^--help$' | sed "s/^/$command /"
	done
}

# the same from the page: ".Ss command" opens a command, ".It Fl -name" is an option
of_page() {
	awk '
	/^\.Sh OPTIONS/ { command = "-" }
	/^\.Sh COMMANDS/ { command = "" }
	/^\.Sh/ && !/OPTIONS|COMMANDS/ { command = "none" }
	/^\.Ss / { command = $2; print command }
	/^\.It (Fl . , )?Fl -/ && command != "none" {
		for (i = 1; i <= NF; i++)
			if ($i ~ /^-[a-z]/ && $(i - 1) == "Fl") print command " -" $i
	}' "$page" | sed 's/ --- / -- /'
}

of_program | sort > "${TMPDIR:-/tmp}/sg-man.$$.program"
of_page | sort > "${TMPDIR:-/tmp}/sg-man.$$.page"
trap 'rm -f "${TMPDIR:-/tmp}/sg-man.$$".*' EXIT
[ "$(wc -l < "${TMPDIR:-/tmp}/sg-man.$$.program")" -gt 20 ]
result $? "the tables are not empty"
diff "${TMPDIR:-/tmp}/sg-man.$$.program" "${TMPDIR:-/tmp}/sg-man.$$.page" > "${TMPDIR:-/tmp}/sg-man.$$.diff"
result $? "the man page has the commands and options of the tables"
sed 's/^/# /' "${TMPDIR:-/tmp}/sg-man.$$.diff"
grep -q "sandboxgen" "$page" && grep -q '^\.Sh EXIT STATUS' "$page"
result $? "the man page tells the exit codes"
echo "1..$n"
