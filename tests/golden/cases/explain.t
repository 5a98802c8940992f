Every rule has a page, whose title is the rule's.

  $ sandboxgen explain | awk 'NF' > list
  $ while read -r id severity title; do
  >   sandboxgen explain $id > page || echo "no page: $id"
  >   [ "$(head -n 1 page)" = "# $id: $title" ] || echo "other title: $id"
  >   grep -q "^Severity: $severity\.$" page || echo "other severity: $id"
  >   for part in 'What it checks' Why 'How to put it right' Fails Passes; do
  >     grep -q "^## $part\( at [0-9:]*\)\{0,1\}\$" page || echo "$id has no part '$part'"
  >   done
  >   grep -q '^- https://' page || echo "$id has no source"
  > done < list
  $ grep -c . < list | awk '$1 > 40 { print "many" }'
  many
  $ sandboxgen explain net001 | head -n 1
  # NET001: the function runs inside a VPC in every deployment
  $ sandboxgen explain NET001 NET002
  sandboxgen: error: explain: unexpected argument 'NET002'
      = usage: sandboxgen explain [OPTIONS] [RULE]
  [2]
