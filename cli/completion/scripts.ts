/** What a shell runs to complete words: it asks the command for candidates and never evaluates what is typed. */
export const SCRIPTS = {
  bash: `# Completion of pulumi-safeguard for bash; load it with: source <(pulumi-safeguard completion bash)
_pulumi_safeguard() {
  local line name
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
    else
      printf -v name %q "\${line%%$'\\t'*}"
      COMPREPLY+=("$name")
    fi
  done < <("$1" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _pulumi_safeguard pulumi-safeguard
`,
  zsh: `# Completion of pulumi-safeguard for zsh; load it after compinit with: source <(pulumi-safeguard completion zsh)
_pulumi_safeguard() {
  local line
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
    else
      line=\${line//:/\\\\:}
      candidates+=("\${line/$'\\t'/:}")
    fi
  done < <("\${(Q)words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( \${#candidates} )) && _describe 'pulumi-safeguard' candidates
}
compdef _pulumi_safeguard pulumi-safeguard
`,
  fish: `# Completion of pulumi-safeguard for fish; load it with: pulumi-safeguard completion fish | source
function __pulumi_safeguard
  set -l words (commandline -opc)
  set -l program $words[1]
  set -e words[1]
  set -l current (commandline -ct)
  for line in ($program complete -- $words "$current" 2>/dev/null)
    if test "$line" = :files
      __fish_complete_path "$current"
    else
      printf '%s\\n' $line
    end
  end
end
complete -c pulumi-safeguard -f -a '(__pulumi_safeguard)'
`,
} as const;
