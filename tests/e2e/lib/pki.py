"""Throw-away certificates for the servers of tests, made by openssl: an authority, and servers
of every kind of trouble."""
import datetime
import pathlib
import subprocess

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
SHORT = ("-newkey", "rsa:1024", "-nodes")
NAMES = "DNS:localhost,IP:127.0.0.1"


def openssl(folder, *args):
    done = subprocess.run(["openssl", *map(str, args)], cwd=folder, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {args}: {done.stderr}")
    return done.stdout


def stamp(days):
    """A moment as `openssl ca` reads it, so many days from now."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


class Authority:
    """FOLDER/ca.pem signs; certificate() makes NAME.pem, NAME.key, and NAME.both with both."""

    def __init__(self, folder, name="test authority"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.pem = self.folder / "ca.pem"
        openssl(self.folder, "req", "-x509", *CURVE, "-keyout", "ca.key", "-out", "ca.pem",
                "-subj", f"/CN={name}", "-days", 30)
        (self.folder / "ca.cnf").write_text(
            "[ca]\ndefault_ca = test\n[test]\ndatabase = ca.db\nserial = ca.srl\n"
            "new_certs_dir = .\ndefault_md = sha256\npolicy = any\nunique_subject = no\n"
            "copy_extensions = copy\n[any]\ncommonName = supplied\n")
        (self.folder / "ca.db").write_text("")
        (self.folder / "ca.srl").write_text("1000\n")

    def certificate(self, name, names=NAMES, start=-2, end=20, kind=CURVE):
        """A server's certificate for `names`, valid between two days counted from now."""
        openssl(self.folder, "req", *kind, "-keyout", f"{name}.key", "-out", f"{name}.csr",
                "-subj", "/CN=localhost", "-addext", f"subjectAltName={names}")
        openssl(self.folder, "ca", "-batch", "-notext", "-config", "ca.cnf", "-keyfile", "ca.key",
                "-cert", "ca.pem", "-in", f"{name}.csr", "-out", f"{name}.pem",
                "-startdate", stamp(start), "-enddate", stamp(end))
        return self.both(name)

    def self_signed(self, name):
        openssl(self.folder, "req", "-x509", *CURVE, "-keyout", f"{name}.key",
                "-out", f"{name}.pem", "-subj", "/CN=localhost", "-days", 20,
                "-addext", f"subjectAltName={NAMES}")
        return self.both(name)

    def both(self, name):
        path = self.folder / f"{name}.both"
        path.write_text((self.folder / f"{name}.pem").read_text() +
                        (self.folder / f"{name}.key").read_text())
        return path
