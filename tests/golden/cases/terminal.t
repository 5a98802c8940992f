Colour is for terminals, and not with NO_COLOR; the user's text never steers one.

  $ cat > on_terminal.py <<'END'
  > import os, pty, sys
  > kept = []
  > def read(fd):
  >     kept.append(os.read(fd, 4096))
  >     return b""
  > pty.spawn(sys.argv[1:], read)
  > print(b"".join(kept).count(b"\033"))
  > END
  $ TERM=xterm python3 on_terminal.py sandboxgen no-such-command | awk '{ print ($1 > 0) }'
  1
  $ TERM=xterm NO_COLOR=1 python3 on_terminal.py sandboxgen no-such-command
  0
  $ TERM=xterm NO_COLOR= python3 on_terminal.py sandboxgen no-such-command | awk '{ print ($1 > 0) }'
  1
  $ TERM=dumb python3 on_terminal.py sandboxgen no-such-command
  0
  $ TERM= python3 on_terminal.py sandboxgen no-such-command
  0
  $ printf '{"\033[2J": 1,}' | TERM=dumb python3 on_terminal.py sandboxgen audit -
  0
