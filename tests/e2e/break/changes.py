"""The list changes between the plan and the answer to its question: changes.py FACTEUR LIST.

Types the number that was asked for on a terminal after another process has added a member.
Exit code and words of facteur are ours."""
import os
import pty
import subprocess
import sys

QUESTION = b"press Enter"


def main():
    facteur, name = sys.argv[1:]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(facteur, [facteur, "send", "--to", name, "--template", "note"])
    said = b""
    while QUESTION not in said:
        said += os.read(terminal, 4096)
    subprocess.run([facteur, "-q", "list", "add", name, "late@example.net"], check=True)
    os.write(terminal, b"2\n")
    try:
        while chunk := os.read(terminal, 4096):
            said += chunk
    except OSError:  # the terminal ends with the program
        pass
    sys.stderr.write(said.decode("utf-8", "replace"))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


sys.exit(main())
