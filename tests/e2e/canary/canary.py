"""Canary secrets: each stands in one place of the configuration, goes through every command that
has to do with it, and must be nowhere else: not in what is printed, not in the database or beside
it, in no command line, in no core. Raw, in base64, or as URLs write it."""
import hashlib
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.parse

E2E = pathlib.Path(__file__).parents[1]
sys.path[:0] = str(E2E / "lib"), str(E2E / "login")
import bench  # noqa: E402
import pki  # noqa: E402
import tokens  # noqa: E402
from bench import Facteur, check, equal  # noqa: E402
from loginserver import Server, context  # noqa: E402
from peer import Http, Socks  # noqa: E402
from secrets_in import Secret, inside_base64  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
USER = "secretary@example.org"
ENV, VARIABLE = "CANARY_OF_THE_TEST", "FACTEUR_RELAYS_RELAY_PASSWORD"
MEMBERS, AT_ONCE = 3, 3
# The keys of a relay that say where its secret is; %s is the secret itself.
SOURCES = {
    "password": 'password: "%s"',
    "password_file": "password_file: secret",
    "password_command": "password_command: [cat, secret]",
    "password_env": f"password_env: {ENV}",
    "variable": "password: null",
    "token_command": "token_command: [cat, secret]",
    "proxy": 'password_file: other, proxy: "%p"',
}
# libcurl keeps the login of a proxy as long as the connection.
KEPT_BY_OTHERS = ("proxy",)
LOCKED = "locked memory, not in cores"
HIDES = "secret", "other", "facteur.yaml"  # where a secret may be, for it was put there
READERS = (
    ("config", "show"), ("config", "show", "--json"), ("config", "check"), ("relay", "list"),
    ("relay", "list", "--json"), ("campaign", "list"), ("campaign", "list", "--json"),
    ("audit", "verify"), ("send", "--to", "members", "--template", "personal", "--dry-run"),
    ("config", "show", "--set", "relays.relay.tls=sometimes"),
)


class Watch(threading.Thread):
    """The command lines of a process and of all that it starts."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.seen, self.over = pid, set(), threading.Event()
        self.start()

    def family(self, pid):
        yield pid
        try:
            text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except OSError:
            return
        for child in text.split():
            yield from self.family(int(child))

    def run(self):
        while not self.over.is_set():
            for pid in self.family(self.pid):
                try:
                    self.seen.add(pathlib.Path(f"/proc/{pid}/cmdline").read_bytes())
                except OSError:
                    pass
            time.sleep(0.002)

    def end(self):
        self.over.set()
        self.join()
        return b"\n".join(self.seen)


class Canary(Facteur):
    """A folder in which `source` holds a secret of its own."""

    def __init__(self, source, authority, name=None):
        super().__init__(WORK / (name or source))
        self.source, self.authority, self.proxy = source, authority, "socks5h://%s@127.0.0.1:9"
        # A token has no blanks (RFC 6750 section 2.1). No word of it stands anywhere else.
        own = hashlib.sha256(source.encode()).hexdigest()[:40]
        self.secret = Secret(f"C4nary+of.{own}/7=9" if source == "token_command" else
                             f"C4nary+of {own}/7=9&", USER)
        (self.folder / "secret").write_text(self.secret.secret + "\n")
        (self.folder / "other").write_text("another password\n")
        for name in HIDES[:2]:
            (self.folder / name).chmod(0o600)
        self.at(9)
        self.members(bench.members(MEMBERS))

    def at(self, port, tls="implicit", auth="auto"):
        login = f"canary:{urllib.parse.quote(self.secret.secret, safe='')}"
        keys = SOURCES[self.source].replace("%s", self.secret.secret).replace(
            "%p", self.proxy.replace("%s", login)).replace("%", "%%")
        self.configure(port, config=bench.CONFIG.replace("host: 127.0.0.1", "host: localhost")
                       .replace("tls: none, auth: none", f"tls: {tls}, auth: {auth}, username: "
                                f"{USER}, ca_file: {self.authority.pem}, {keys}"))
        (self.folder / "facteur.yaml").chmod(0o600)

    def environment(self):
        mine = {"password_env": ENV, "variable": VARIABLE}.get(self.source)
        return {**os.environ, **({mine: self.secret.secret} if mine else {})}

    def run(self, *args, **more):
        return super().run(*args, **{"env": self.environment(), **more})

    def play(self, *args, start=False):
        """Runs it watched; (code, what it said and showed of itself)."""
        process = subprocess.Popen(self.command(*args), cwd=self.folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment())
        watch = Watch(process.pid)
        out, err = process.communicate(timeout=120 * bench.SLOWER)  # a login for later: 75
        return process.returncode, {"stdout": out, "stderr": err, "command lines": watch.end()}

    def hits(self, said, files=True):
        found = [(where, form) for where, data in said.items() for form in self.secret.found(data)]
        if files:
            found += [(str(path.relative_to(self.folder)), form)
                      for path in self.folder.rglob("*")
                      if path.is_file() and path.name not in HIDES
                      for form in self.secret.found(path.read_bytes())]
        return found


def all_commands(source, authority, tls):
    """A run that goes well, and all that reads, with each source of a secret."""
    f = Canary(source, authority)
    with Server("good", "implicit", tls) as server:
        f.at(server.port)
        code, said = f.play("send", "--to", "members", "--template", "personal", "--yes",
                            "--expect-count", MEMBERS, "--progress", "plain")
        equal(f"{source}: sending works, and shows it nowhere", (code, f.hits(said)), (0, []),
              said["stderr"].decode())
        check(f"{source}: the server got it, and the search would find it",
              f.secret.found(server.heard["tls"]), server.heard["tls"])
        code, said = f.play("relay", "test", "relay")
        equal(f"{source}: relay test works, and shows it nowhere", (code, f.hits(said)), (0, []),
              said["stdout"].decode() + said["stderr"].decode())
        shown = {}
        for args in READERS + (("report", 1), ("report", 1, "--json"), ("campaign", "show", 1),
                               ("report", 1, "--recipients", "--json"),
                               ("campaign", "show", 1, "--json")):
            code, said = f.play(*args)
            shown[" ".join(map(str, args))] = f.hits(said, files=False)
    equal(f"{source}: no command shows it", {k: v for k, v in shown.items() if v}, {})
    equal(f"{source}: no file has it", f.hits({}), [])


def commands(authority, tls):
    def scene(source):
        def run():
            all_commands(source, authority, tls)
        run.__name__ = source
        return run
    return [scene(source) for source in SOURCES if source != "proxy"]


def proxies(authority, tls):
    """The password of a proxy: right, wrong, and with a proxy that is not there."""
    for make, scheme in ((Socks, "socks5h"), (Http, "http")):
        f = Canary("proxy", authority, f"proxy-{scheme}")
        for what, login, want in (("right", ("canary", f.secret.secret), 0),
                                  ("wrong", ("canary", "another one"), 69)):
            with Server("good", "implicit", tls) as server, make(login) as proxy:
                f.proxy = f"{scheme}://%s@127.0.0.1:{proxy.port}"
                f.at(server.port)
                number, count = f.prepare("personal", "individual")
                code, said = f.play("campaign", "send", number, "--yes", "--expect-count", count,
                                    "--progress", "plain")
            equal(f"a {scheme} proxy, {what} password: shown nowhere", (code, f.hits(said)),
                  (want, []), said["stderr"].decode())
        shown = {args: f.hits(f.play(*args)[1], files=False) for args in READERS}
        equal(f"a {scheme} proxy: no command shows its password",
              {k: v for k, v in shown.items() if v}, {})
        good = (f.folder / "facteur.yaml").read_text()
        for what, change in (("scheme", (scheme + "://", "ftp://")), ("port", ("127.0.0.1:", "127.0.0.1:x")),
                             ("at sign", ("@127", "@@127")), ("path", ('", ca', '/path", ca')),
                             ("no quotes", ('proxy: "', 'proxy "'))):
            (f.folder / "facteur.yaml").write_text(good.replace(*change))
            code, said = f.play("config", "check")
            equal(f"a {scheme} proxy with a wrong {what}: the error hides the password",
                  f.hits(said, files=False), [], said["stderr"].decode())


def mistakes(authority):
    """Errors in the configuration quote what they are about, but not a secret."""
    f = Canary("password", authority, "mistakes")
    word = f.secret.secret
    good = (f.folder / "facteur.yaml").read_text()
    line = f'password: "{word}"'
    shown = {}
    for what, text in (
            ("a list", good.replace(line, f'password: ["{word}", x]')),
            ("a map", good.replace(line, f'password: {{"{word}": x}}')),
            ("twice", good.replace(line, f"{line}, {line}")),
            ("misspelt", good.replace(line, f'pasword: "{word}"')),
            ("no quote", good.replace(line, f'password: "{word}')),
            ("a tag", good.replace(line, f'password: !secret "{word}"')),
            ("an anchor", good.replace(line, f"password: *{word.split()[0]}")),
            ("a line of its own", good.replace(line, "port: 587\n     password " + word)
             .replace("port: 9, ", "")),
            ("no colon", good.replace(line, f'password "{word}"')),
            ("other kind", good.replace(line, f'port: "{word}"')),
            ("as user", good.replace(line, f'{line}, username: ["{word}"]')),
            ("with a file", good.replace(line, f"{line}, password_file: secret"))):
        (f.folder / "facteur.yaml").write_text(text)
        for args in (("config", "check"), ("config", "show"), ("relay", "list")):
            code, said = f.play(*args)
            if what not in ("other kind", "as user"):
                shown[what, args] = f.hits(said, files=False)
    (f.folder / "facteur.yaml").write_text(good)
    (f.folder / "facteur.yaml").chmod(0o644)
    for args in (("config", "check"), ("config", "show")):
        code, said = f.play(*args)
        shown["open to others", args] = f.hits(said, files=False)
    (f.folder / "facteur.yaml").chmod(0o600)
    code, said = f.play("config", "show", "--set", f"relays.relay.password={word}")
    del said["command lines"]
    shown["--set", code] = f.hits(said, files=False)
    equal("no error quotes a secret", {k: v for k, v in shown.items() if v}, {})


PLACES = (("AUTH", "535 5.7.8"), ("AUTH", "454 4.7.0"), ("AUTH", "235 2.7.0"), ("MAIL", "550 5.7.1"),
          ("MAIL", "451 4.7.1"), ("MAIL", "421 4.7.0"), ("MAIL", "250 2.1.0"), ("RCPT", "550 5.1.1"),
          ("RCPT", "451 4.2.1"), ("RCPT", "250 2.1.5"), ("DATA", "554 5.7.1"), ("DATA", "354"),
          ("END", "250 2.0.0"), ("END", "554 5.6.0"), ("END", "451 4.3.0"), ("QUIT", "221 2.0.0"))


def echo(authority, tls, place, start):
    """A server that repeats the password, in every form, in a reply of several lines."""
    f = Canary("password_file", authority, f"echo-{place}-{start[:3]}")
    lines = [f"{name} is ".encode() + form for name, form in f.secret.echoes(USER).items()]
    code, status = start[:3].encode(), start[3:].strip().encode()
    text = b"".join(code + b"-" + status + b" " + line + b"\r\n" for line in lines)
    text += code + b" " + status + b" that was it\r\n"
    what = f"a server that repeats it at {place}, {start[:3]}"
    with Server("good", "implicit", tls, {place: text}) as server:
        f.at(server.port)
        number, count = f.prepare("personal", "individual")
        _, said = f.play("campaign", "send", number, "--yes", "--expect-count", count,
                         "--progress", "plain")
        for args in (("report", number, "--recipients", "--json"), ("report", number),
                     ("campaign", "show", number, "--json")):
            _, more = f.play(*args)
            said[" ".join(map(str, args))] = more["stdout"] + more["stderr"]
        equal(f"{what}: shown nowhere", f.hits(said), [], said["stderr"].decode(errors="replace"))
        check(f"{what}: and it did", server.said(text), server.heard["tls"])


def echoes(authority, tls):
    def scene(place, start):
        def run():
            echo(authority, tls, place, start)
        run.__name__ = f"echo at {place}, {start}"
        return run
    return [scene(*at) for at in (PLACES if bench.LONG else PLACES[:1] + PLACES[3::4])]


def maps(pid):
    """(start, end, name, flags) of what a process can read and write."""
    out, current = [], None
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        m = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)", line)
        if m:
            current = [int(m[1], 16), int(m[2], 16), m[4] or "anonymous", m[3], ""]
            out.append(current)
        elif line.startswith("VmFlags:"):
            current[4] = line
    return out


def memory(f, pid):
    """Where in its memory a process has the secret."""
    found = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as mem:
        for start, end, name, rights, flags in maps(pid):
            if not rights.startswith("r") or name in ("[vvar]", "[vsyscall]"):
                continue
            try:
                mem.seek(start)
                data = mem.read(end - start)
            except OSError:
                continue
            name = LOCKED if " dd" in flags else name
            found += [(name, form.split()[0]) for form in f.secret.found(data)]
            if not f.secret.found(data) and f.secret.pieces(data):
                found.append((name, "pieces"))
    return found


def core(source, authority, tls):
    """After the login the server goes quiet: what would a core file hold?"""
    f = Canary(source, authority, f"core-{source}")
    with Server("good", "implicit", tls, {"MAIL": None}) as server, \
            Socks(("canary", f.secret.secret)) as proxy:
        f.proxy = f"socks5h://%s@127.0.0.1:{proxy.port}"
        f.at(server.port)
        number, count = f.prepare("personal", "individual")
        process = f.start("campaign", "send", number, "--yes", "--expect-count", count,
                          env=f.environment(), preexec_fn=lambda: resource.setrlimit(
                              resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2))
        try:
            bench.wait_until("it has logged in", server.stalled.is_set)
            equal(f"{source}: while it runs no file has it", f.hits({}), [])
            places = sorted(set(memory(f, process.pid)))
            bench.note(f"{source}: in memory: {', '.join(map(' '.join, places)) or 'nowhere'}")
            if source not in KEPT_BY_OTHERS:
                equal(f"{source}: it is in locked memory, or nowhere",
                      [place for place in places if place[0] != LOCKED], [])
            equal(f"{source}: not in the environment either", f.secret.found(
                pathlib.Path(f"/proc/{process.pid}/environ").read_bytes()), [])
            equal(f"{source}: a core would have no memory but what is in files",
                  int(pathlib.Path(f"/proc/{process.pid}/coredump_filter").read_text(), 16), 0)
            if shutil.which("gcore"):
                subprocess.run(["gcore", "-o", f.folder / "gcore", str(process.pid)],
                               capture_output=True, check=True)
            for file in f.folder.glob("gcore*"):
                equal(f"{source}: a core that root takes has it not",
                      f.secret.found(file.read_bytes()), [])
                file.unlink()
            process.send_signal(signal.SIGABRT)
            process.wait(20)
        finally:
            process.kill()
    equal(f"{source}: it dies without a core", (process.returncode, list(f.folder.glob("core*"))),
          (-signal.SIGABRT, []))


def cores(authority, tls):
    if b"__asan_init" in pathlib.Path(bench.FACTEUR).read_bytes():
        bench.note("cores: not looked into, AddressSanitizer maps all there is")
        return []

    def scene(source):
        def run():
            core(source, authority, tls)
        run.__name__ = f"core, {source}"
        return run
    return [scene(source) for source in SOURCES]


class Keys:
    """Looks for the keys of the tokens as Secret does for a password: as they are, in hexadecimal,
    in base64; and for the states that an HMAC begins with."""

    def __init__(self, folder):
        self.forms = {}
        for n, key in enumerate(tokens.keys(folder)):
            word = key.hex()
            self.forms |= {f"raw {n}": key, f"hex {n}": word.encode(), f"HEX {n}": word.upper().encode(),
                           f"inner pad {n}": bytes(b ^ 0x36 for b in key),
                           f"outer pad {n}": bytes(b ^ 0x5c for b in key)}
            for text in (key, word.encode()):
                self.forms |= {f"base64 {n} {len(text)} {at}": code for at, code in inside_base64(text)}
        self.pieces_of = [key.hex().encode() for key in tokens.keys(folder)]

    def found(self, data):
        return [name for name, form in self.forms.items() if form in data]

    def pieces(self, data, size=24):
        return [text for text in self.pieces_of for at in range(0, len(text) - size, 4)
                if text[at:at + size] in data]


def keys(authority, tls):
    """The keys that sign tokens are in their file, and while it sends in locked memory."""
    global HIDES
    f = Canary("password_file", authority, "keys")
    with Server("good", "implicit", tls) as server:
        f.at(server.port)
        f.must("key", "rotate")
        code, said = f.play("send", "--to", "members", "--template", "personal", "--yes",
                            "--expect-count", MEMBERS, "--progress", "plain")
        f.must("key", "rotate")
        f.secret = Keys(f.folder)
        shown = {"send": f.hits(said, files=False)}
        for args in READERS + (("key", "list"), ("key", "list", "--json"), ("key", "rotate"),
                               ("relay", "test", "relay"), ("campaign", "show", 1),
                               ("campaign", "show", 1, "--json"), ("report", 1, "--json")):
            shown[args] = f.hits(f.play(*args)[1], files=False)
        equal("keys: sending works, and no command shows one",
              (code, {k: v for k, v in shown.items() if v}), (0, {}))
    file = f.folder / "facteur.keys"
    check("keys: the search would find them", len(f.secret.found(file.read_bytes())) >= 2)
    for text in ("x {}", "2026-11-26T22:18:39Z {}00", "# x\n{}\n"):
        bad = text.format(f.secret.pieces_of[0].decode())
        good = file.read_bytes()
        file.write_text(bad)
        for args in (("key", "list"), ("key", "rotate"), ("campaign", "create", "--to", "members",
                                                          "--template", "personal")):
            equal(f"keys: {args[1]} quotes none of {text!r}",
                  f.hits(f.play(*args)[1], files=False), [])
        file.write_bytes(good)
    kept, HIDES = HIDES, HIDES + ("facteur.keys",)
    equal("keys: no other file has one", f.hits({}), [])
    HIDES = kept
    stalled_with_keys(f, tls)


def stalled_with_keys(f, tls):
    with Server("good", "implicit", tls, {"MAIL": None}) as server:
        f.secret = Secret((f.folder / "secret").read_text().strip(), USER)
        f.at(server.port)
        f.secret = Keys(f.folder)
        number, count = f.prepare("personal", "individual")
        process = f.start("campaign", "send", number, "--yes", "--expect-count", count)
        try:
            bench.wait_until("it has logged in", server.stalled.is_set)
            places = sorted(set(memory(f, process.pid)))
            bench.note(f"keys: in memory: {', '.join(map(' '.join, places)) or 'nowhere'}")
            equal("keys: they are in locked memory, or nowhere",
                  [place for place in places if place[0] != LOCKED], [])
        finally:
            process.kill()
            process.wait()


def main():
    WORK.mkdir(parents=True)
    authority = pki.Authority(WORK / "ca")
    tls = context(authority.certificate("relay"))

    def in_mistakes():
        mistakes(authority)

    def in_proxies():
        proxies(authority, tls)

    def of_keys():
        keys(authority, tls)

    bench.play(of_keys, *commands(authority, tls), in_proxies, in_mistakes, *echoes(authority, tls),
               *cores(authority, tls), at_once=AT_ONCE)


main()
