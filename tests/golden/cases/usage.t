What the command line refuses, and what it offers instead.

  $ sandboxgen
  sandboxgen: error: a command is missing
      = sandboxgen --help lists the commands
  [2]
  $ sandboxgen rendr
  sandboxgen: error: unknown command 'rendr'
      = did you mean 'render'?
  [2]
  $ sandboxgen help rendr
  sandboxgen: error: unknown command 'rendr'
      = did you mean 'render'?
  [2]
  $ sandboxgen help render | head -1
  usage: sandboxgen render [OPTIONS] [SPEC]
  $ sandboxgen help > help.txt; sandboxgen --help | cmp - help.txt
  $ sandboxgen --vresion
  sandboxgen: error: unknown option '--vresion'
      = did you mean '--version'?
  [2]
  $ sandboxgen payload
  sandboxgen: error: payload: an argument is missing
      = usage: sandboxgen payload [OPTIONS] SCRIPT
  [2]
  $ sandboxgen payload a b
  sandboxgen: error: payload: unexpected argument 'b'
      = usage: sandboxgen payload [OPTIONS] SCRIPT
  [2]
  $ sandboxgen payload --inptu 1 x.py
  sandboxgen: error: payload: unknown option --inptu
      = did you mean --input?
  [2]
  $ sandboxgen payload --input
  sandboxgen: error: --input needs a value: JSON|@FILE
  [2]
  $ sandboxgen payload --input --timeout-ms 1 x.py
  sandboxgen: error: --input needs a value: JSON|@FILE
      = a value that starts with '-' is written --input=VALUE
  [2]
  $ sandboxgen payload --help=yes
  sandboxgen: error: --help takes no value
  [2]
  $ sandboxgen payload -x
  sandboxgen: error: payload: unknown option -x
      = sandboxgen payload --help lists them
  [2]
  $ sandboxgen explain NET01
  sandboxgen: error: explain: unknown rule 'NET01'
      = did you mean NET001?
  [2]
  $ sandboxgen explain nothing-like-it
  sandboxgen: error: explain: unknown rule 'nothing-like-it'
      = sandboxgen explain lists the rules
  [2]
  $ sandboxgen completion tcsh
  sandboxgen: error: completion: unknown shell 'tcsh'
      = choose one of bash, zsh, fish
  [2]
  $ sandboxgen payload "$(printf 'no\033[31mcolour')"
  sandboxgen: error: cannot read 'no\x1b[31mcolour': No such file or directory
  [2]

Options may stand anywhere before --, and in each spelling.

  $ printf 'pass\n' > -x.py
  $ sandboxgen payload -- -x.py
  {"script":"pass\n"}
  $ sandboxgen payload --input=1 ./-x.py
  {"script":"pass\n","input":1}
  $ sandboxgen payload ./-x.py -i 1
  {"script":"pass\n","input":1}
  $ sandboxgen payload -i1 ./-x.py --timeout-ms=20
  {"script":"pass\n","input":1,"timeout_ms":20}
  $ sandboxgen payload --input 1 --input 2 - < ./-x.py
  {"script":"pass\n","input":2}
  $ sandboxgen payload --help | head -n 3
  usage: sandboxgen payload [OPTIONS] SCRIPT
  
  prints the event for `aws lambda invoke` that runs a script

An abbreviation is not taken, but told; so are a file that is not there, an empty one, and a pipe.

  $ sandboxgen aud
  sandboxgen: error: unknown command 'aud'
      = did you mean 'audit'?
  [2]
  $ sandboxgen audit --fo=json
  sandboxgen: error: audit: unknown option --fo=json
      = did you mean --format?
  [2]
  $ sandboxgen audit --fai high
  sandboxgen: error: audit: unknown option --fai
      = did you mean --fail-on?
  [2]
  $ sandboxgen schema extra
  sandboxgen: error: schema: unexpected argument 'extra'
      = usage: sandboxgen schema [OPTIONS]
  [2]
  $ sandboxgen test none
  sandboxgen: error: cannot read 'none': No such file or directory
  [2]
  $ : > empty.yaml; sandboxgen audit empty.yaml
  empty.yaml:1:1: error: the file is empty
      1 | 
        | ^
        = {} is a file that says nothing
  empty.yaml: error (it could not be judged)
  [2]
  $ mkfifo fifo; sandboxgen audit fifo
  sandboxgen: error: cannot read 'fifo': it is a FIFO, not a regular file
      = - is standard input
  fifo: error (it could not be judged)
  [2]
