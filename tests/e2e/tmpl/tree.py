#!/usr/bin/python3
"""The judge of injection: reads documents, each as "LENGTH\n" and its bytes, and
prints for each one line with the tree that html.parser sees (elements, names
of attributes, whether a link has a scheme that runs) but none of the texts."""
import sys
from html.parser import HTMLParser

LINKS = ("href", "src")
RUNS = ("javascript:", "vbscript:", "data:")


class Tree(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.shape = []

    def handle_starttag(self, tag, attrs):
        names = []
        for name, value in attrs:
            bare = "".join(c for c in (value or "") if c > " ").lower()
            runs = name in LINKS and bare.startswith(RUNS)
            names.append(name + ("!" if runs else ""))
        self.shape.append("<%s %s>" % (tag, ",".join(names)))

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        self.shape.append("</%s>" % tag)

    def handle_comment(self, data):
        self.shape.append("<!-->")

    def handle_decl(self, decl):
        self.shape.append("<!%s>" % decl)

    def unknown_decl(self, data):
        self.shape.append("<![>")

    def handle_pi(self, data):
        self.shape.append("<?>")


def main():
    source = sys.stdin.buffer
    while True:
        head = source.readline()
        if not head:
            return
        tree = Tree()
        tree.feed(source.read(int(head)).decode("utf-8"))
        tree.close()
        print("".join(tree.shape))


main()
