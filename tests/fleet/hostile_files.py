#!/usr/bin/python3
"""An SFTP server that means harm: it lists names that lead out of the directory they are in, links
and pipes, names with control characters, and a tree without a bottom. For hosts of temper
`hostilefiles` (fleet.py). Every path is a directory, but those that end in "file"."""
import os
import struct
import sys

INIT, VERSION, OPEN, CLOSE, READ, LSTAT, OPENDIR, READDIR, STAT = 1, 2, 3, 4, 5, 7, 11, 12, 17
STATUS, HANDLE, DATA, NAME, ATTRS = 101, 102, 103, 104, 105
OK, EOF, UNSUPPORTED = 0, 1, 8
FILE, DIRECTORY, LINK, PIPE = 0o100644, 0o040755, 0o120777, 0o010644
CONTENT = b"written by the hostile host\n"
NAMES = [(b"../escaped.file", FILE), (b"/tmp/bdsh-escaped.file", FILE), (b"..", DIRECTORY), (b"../up", DIRECTORY),
         (b"", FILE), (b"nul\0.file", FILE), (b"a/b.file", FILE), (b"clear\x1b[2J.file", FILE),
         (b"clear\x1b]2J.file", FILE), (b"link.file", LINK), (b"pipe", PIPE), (b"x" * 300 + b"file", FILE),
         (b"down", DIRECTORY), (b"honest.file", FILE)]


def text(value):
    return struct.pack(">I", len(value)) + value


def attributes(mode):
    return struct.pack(">IQI", 1 | 4, len(CONTENT), mode)


def mode_of(path):
    return FILE if path.endswith(b"file") else DIRECTORY


def send(kind, body):
    os.write(1, struct.pack(">IB", len(body) + 1, kind) + body)


def receive(count):
    out = b""
    while len(out) < count:
        piece = os.read(0, count - len(out))
        if not piece:
            sys.exit(0)
        out += piece
    return out


def main():
    listed = set()
    while True:
        packet = receive(struct.unpack(">I", receive(4))[0])
        kind, ident, rest = packet[0], packet[1:5], packet[5:]
        if kind == INIT:
            send(VERSION, struct.pack(">I", 3))
            continue
        length = struct.unpack(">I", rest[:4])[0]
        path, rest = rest[4:4 + length], rest[4 + length:]
        if kind in (STAT, LSTAT):
            send(ATTRS, ident + attributes(mode_of(path)))
        elif kind in (OPEN, OPENDIR):
            listed.discard(path)
            send(HANDLE, ident + text(path[-200:]))
        elif kind == READDIR and path not in listed:
            listed.add(path)
            send(NAME, ident + struct.pack(">I", len(NAMES)) +
                 b"".join(text(name) + text(b"") + attributes(mode) for name, mode in NAMES))
        elif kind == READ:
            offset, count = struct.unpack(">QI", rest)
            piece = CONTENT[offset:offset + count]
            send(DATA, ident + text(piece)) if piece else send(STATUS, ident + struct.pack(">I", EOF))
        else:
            code = OK if kind == CLOSE else EOF if kind == READDIR else UNSUPPORTED
            send(STATUS, ident + struct.pack(">I", code) + text(b"") + text(b""))


if __name__ == "__main__":
    main()
