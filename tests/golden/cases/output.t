A result that cannot be written is no answer; a reader that leaves is none of our business.

  $ sandboxgen explain > /dev/full
  sandboxgen: cannot write to standard output: No space left on device
  [2]
  $ sandboxgen explain NET001 >&-
  sandboxgen: cannot write to standard output: Bad file descriptor
  [2]
  $ sandboxgen --version 2>&-
  sandboxgen 0.1.0
  $ sandboxgen explain <&-  | head -n 1
  NET001  critical  the function runs inside a VPC in every deployment
  $ { sleep 0.5; sandboxgen explain NET002; echo "status $?" >&2; } | true
  status 141
  $ (trap '' PIPE; { sleep 0.5; sandboxgen explain NET002; echo "status $?" >&2; } | true)
  status 141

No escape sequence leaves it but to a terminal.

  $ TERM=xterm sandboxgen explain nothing 2>&1 | grep -c "$(printf '\033')"
  0
  [1]
