"""Types a line into an interactive shell on a terminal, presses TAB until all words are there, and prints what the shell shows.

usage: press_tab.py zsh|fish COMPLETIONS LINE WORD ...      COMPLETIONS is a folder of zsh's functions, or a file of fish
"""
import os, pty, re, select, sys, time

shell, completions, line = sys.argv[1:4]
words = sys.argv[4:]
child, terminal = pty.fork()
if child == 0:
    os.environ.update(TERM="dumb" if shell == "zsh" else "xterm", LC_ALL="C.UTF-8", HOME=os.getcwd())
    os.execvp(shell, [shell, "-f", "-i"] if shell == "zsh" else [shell, "--no-config", "-i"])


def read(until, seconds):
    """What the shell writes until `until` is in it, or nothing has come for a while."""
    text, end = "", time.monotonic() + seconds
    while time.monotonic() < end and not re.search(until, text):
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                text += os.read(terminal, 65536).decode(errors="replace")
            except OSError:
                break
    return text


setups = {
    "zsh": (
        "PS1='READY> '; unsetopt zle_bracketed_paste 2>/dev/null; setopt nolistbeep; LISTMAX=10000; "
        f"fpath=({completions} $fpath); autoload -Uz compinit; compinit -u -D; print -r SET''UP\n"
    ),
    "fish": f"source {completions}; echo SET''UP\r",
}
os.write(terminal, setups[shell].encode())
read(r"SETUP", 30)
read(r"\x00", 1)
os.write(terminal, line.encode())
shown = read(r"\x00", 1)
for _ in range(5):
    os.write(terminal, b"\t")
    # All words, in any order.
    shown += read("".join(f"(?=[\\s\\S]*{re.escape(word)})" for word in words), 8)
    if all(word in shown for word in words):
        break
print(shown)
os.kill(child, 9)
os.waitpid(child, 0)
