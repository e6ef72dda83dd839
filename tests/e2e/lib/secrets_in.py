"""Looks for a secret in bytes, in every form in which somebody could read it there."""
import base64
import urllib.parse


def small(url):
    """The digits of %2B as %2b."""
    return "".join("%" + part[:2].lower() + part[2:] if i else part
                   for i, part in enumerate(url.split("%")))


def inside_base64(word):
    """What base64 holds wherever the word stands in what is encoded: the characters in which no
    neighbour has a share."""
    for before in range(3):
        code = base64.b64encode(b"\0" * before + word)
        yield before, code[before and before + 1:(before + len(word)) * 8 // 6]


class Secret:
    def __init__(self, secret, user=None):
        self.secret, self.word = secret, secret.encode()
        self.url = urllib.parse.quote(secret, safe="")
        self.forms = {"raw": self.word}
        for name, form in (("url", self.url), ("url, small", small(self.url)),
                           ("url, some", urllib.parse.quote(secret))):
            if form != secret:
                self.forms[name] = form.encode()
        for before, code in inside_base64(self.word):
            self.forms[f"base64 {before}"] = code
            self.forms[f"base64url {before}"] = code.translate(bytes.maketrans(b"+/", b"-_"))
        if user:
            self.forms["name in base64"] = base64.b64encode(user.encode())

    def found(self, data):
        """The names of the forms that stand in data."""
        return [name for name, form in self.forms.items() if form in data]

    def pieces(self, data, size=12):
        """The parts of it, so many bytes each, that stand in data."""
        return [part for part in (self.word[at:at + size] for at in range(len(self.word) - size + 1))
                if part in data]

    def echoes(self, user):
        """What a server may repeat of what it was sent."""
        whole = b"\0" + user.encode() + b"\0" + self.word
        return {"raw": self.word, "base64": base64.b64encode(self.word),
                "response": base64.b64encode(whole), "base64url": base64.urlsafe_b64encode(whole),
                "url": self.url.encode(), "url, small": small(self.url).encode(),
                "url, some": urllib.parse.quote(self.secret).encode()}
