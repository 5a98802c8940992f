The event of a script, whatever is in it.

  $ cat > my_script.py <<'END'
  > # my_script.py
  > import platform
  > print(f"Hello from a secure, isolated sandbox!")
  > print('back\\slash, tab\t, "quotes", 100%')
  > END
  $ sandboxgen payload my_script.py
  {"script":"# my_script.py\nimport platform\nprint(f\"Hello from a secure, isolated sandbox!\")\nprint('back\\\\slash, tab\\t, \"quotes\", 100%')\n"}
  $ sandboxgen payload my_script.py | python3 -c 'import json,sys; print(json.load(sys.stdin)["script"] == open("my_script.py").read())'
  True
  $ printf '\357\273\277x = 1\r\n' > bom.py
  $ sandboxgen payload bom.py
  {"script":"x = 1\r\n"}
  $ printf 'print("\303\251 \360\237\230\200 \177")' | sandboxgen payload -
  {"script":"print(\"é 😀 \u007f\")"}
  $ : > empty.py
  $ sandboxgen payload empty.py
  {"script":""}
  $ sandboxgen payload empty.py --input '{"b": 1, "a": [1.50, 12345678901234567890, null]}' --timeout-ms 1500
  {"script":"","input":{"b":1,"a":[1.50,12345678901234567890,null]},"timeout_ms":1500}
  $ printf '"from a file"' > data.json
  $ sandboxgen payload empty.py --input @data.json
  {"script":"","input":"from a file"}

What cannot be sent is refused with its place.

  $ printf 'a = 1\nb = "\377"\n' | sandboxgen payload -
  <stdin>:2:6: error: this byte is not UTF-8, and JSON can carry nothing else
      2 | b = "\xff"
        |      ^~~~
        = save the script as UTF-8 text
  [2]
  $ printf 'a\000b' | sandboxgen payload -
  <stdin>:1:2: error: a script cannot contain a NUL byte
      1 | a\x00b
        |  ^~~~
        = save the script as UTF-8 text
  [2]
  $ sandboxgen payload empty.py --input '{"a": 1,}'
  --input:1:9: error: this is not JSON: invalid object key (must be a string)
      1 | {"a": 1,}
        |         ^
        = JSON allows no comma before it
  [2]
  $ sandboxgen payload empty.py --input @none.json
  sandboxgen: error: cannot read 'none.json': No such file or directory
  [2]
  $ sandboxgen payload empty.py --timeout-ms 0
  sandboxgen: error: --timeout-ms: '0' is not a number of milliseconds from 1 to 900000
  [2]
  $ sandboxgen payload none.py
  sandboxgen: error: cannot read 'none.py': No such file or directory
  [2]
  $ sandboxgen payload .
  sandboxgen: error: cannot read '.': it is a directory
  [2]
  $ mkfifo fifo
  $ sandboxgen payload fifo
  sandboxgen: error: cannot read 'fifo': it is a FIFO, not a regular file
      = - is standard input
  [2]
  $ sandboxgen payload /dev/zero
  sandboxgen: error: cannot read '/dev/zero': it is a device, not a regular file
      = - is standard input
  [2]
  $ head -c 7000000 /dev/zero | tr '\0' '#' > big.py
  $ sandboxgen payload big.py | wc -c
  big.py: warning: the event has 7000014 bytes
      = Lambda refuses a request of more than 6 MB
  7000014
