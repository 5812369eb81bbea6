"""Types a line into an interactive shell on a terminal, presses TAB twice, and prints what the shell shows.

usage: press_tab.py FOLDER-OF-COMPLETIONS LINE      for zsh
"""
import os, pty, re, select, sys, time

folder, line = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.environ.update(TERM="dumb", LC_ALL="C.UTF-8", HOME=os.getcwd())
    os.execvp("zsh", ["zsh", "-f", "-i"])


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


setup = (
    "PS1='READY> '; unsetopt zle_bracketed_paste 2>/dev/null; setopt nolistbeep; LISTMAX=10000; "
    f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; print -r SET''UP\n"
)
os.write(terminal, setup.encode())
read(r"SETUP", 30)
os.write(terminal, line.encode() + b"\t")
first = read(r"\x00", 4)
os.write(terminal, b"\t")
print(first + read(r"\x00", 3))
os.kill(child, 9)
os.waitpid(child, 0)
