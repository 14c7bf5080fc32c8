"""What has a shell complete `sagerelay` by Tab: commands by their names, and files behind them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

SHELLS = ("bash", "zsh", "fish")

_BASH = """\
_sagerelay() {{
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{names}" -- "${{COMP_WORDS[COMP_CWORD]}}"))
  fi
}}
complete -o default -F _sagerelay sagerelay
"""
_ZSH = "autoload -U +X bashcompinit && bashcompinit\n" + _BASH


def script(shell: str, commands: Mapping[str, str]) -> str:
    """The lines for a shell's own start file. `commands`: each with a line about it, which fish shows.

    >>> print(script("fish", {"up": "Keep it running."}), end="")
    complete -c sagerelay -n __fish_use_subcommand -f -a 'up' -d 'Keep it running.'
    """
    if shell == "fish":
        described = {name: about.replace("\\", "\\\\").replace("'", "\\'") for name, about in commands.items()}
        return "".join(
            f"complete -c sagerelay -n __fish_use_subcommand -f -a '{name}' -d '{about}'\n"
            for name, about in described.items()
        )
    return (_ZSH if shell == "zsh" else _BASH).format(names=" ".join(commands))
