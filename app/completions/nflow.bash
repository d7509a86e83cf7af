# Completion of nflow's command line in bash. nflow itself knows what can stand where; see nflow(1).

# A word as bash reads it: without quotes, and without the backslashes that quote.
_nflow_read() {
  local text=$1 quote= c i
  REPLY=
  for ((i = 0; i < ${#text}; i++)); do
    c=${text:i:1}
    if [[ $c == "$quote" ]]; then
      quote=
    elif [[ ! $quote && $c == [\"\'] ]]; then
      quote=$c
    elif [[ $c == '\' && $quote != \' && ( ! $quote || ${text:i+1:1} == [\"\\\$\`] ) ]]; then
      ((++i))
      REPLY+=${text:i:1}
    else
      REPLY+=$c
    fi
  done
}

_nflow() {
  # Bash splits words at = and :, nflow does not: what has no blank between it is one word.
  local rest=${COMP_LINE:0:COMP_POINT} words=() part blank i
  for ((i = 0; i <= COMP_CWORD; i++)); do
    blank=${rest%%[![:blank:]]*}
    rest=${rest#"$blank"}
    part=${COMP_WORDS[i]:0:${#rest}}
    rest=${rest:${#part}}
    if [[ $blank || $i -eq 0 ]]; then
      words+=("$part")
    else
      words[-1]+=$part
    fi
  done
  local quote=${words[-1]//[^\"\']/}
  for i in "${!words[@]}"; do
    _nflow_read "${words[i]}"
    words[i]=$REPLY
  done
  words[0]=${words[0]/#\~\//"$HOME/"}

  # Of a candidate, bash wants what stands behind its own last split.
  _nflow_read "$2"
  local before=${words[-1]%"$REPLY"} line candidate
  COMPREPLY=()
  compopt +o default
  while IFS= read -r line; do
    case $line in
      files) compopt -o default ;;
      open) compopt -o nospace ;;
      *)
        candidate=${line%%$'\t'*}
        candidate=${candidate#"$before"}
        [[ $quote || $candidate != *[^A-Za-z0-9_.,:=+%@/-]* ]] || printf -v candidate %q "$candidate"
        COMPREPLY+=("$candidate")
        ;;
    esac
  done < <("${words[0]}" complete "${words[@]:1}" 2>/dev/null)
}

complete -F _nflow nflow
