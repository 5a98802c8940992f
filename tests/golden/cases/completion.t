The scripts are shell, and know the commands and options.

  $ for shell in bash zsh fish; do sandboxgen completion $shell > $shell.out; done
  $ bash -n bash.out
  $ bash -c '. ./bash.out; COMP_WORDS=(sandboxgen pay); COMP_CWORD=1; _sandboxgen; echo "${COMPREPLY[@]}"'
  payload
  $ bash -c '. ./bash.out; COMP_WORDS=(sandboxgen payload --ti); COMP_CWORD=2; _sandboxgen; echo "${COMPREPLY[@]}"'
  --timeout-ms
  $ bash -c '. ./bash.out; COMP_WORDS=(sandboxgen help pay); COMP_CWORD=2; _sandboxgen; echo "${COMPREPLY[@]}"'
  payload
  $ for shell in bash zsh fish; do grep -q timeout-ms $shell.out || echo "$shell does not know it"; done
