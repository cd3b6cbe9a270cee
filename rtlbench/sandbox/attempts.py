"""What `rtlbench doctor` has a tool try, from inside: each attempt a function, a line of answer.

Standard library only, started with `python -I -S`. An attempt prints what it got hold of;
anything that stops it is left to raise.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time

BLOCK = 1 << 20


def connect(port: str) -> None:
    """Talk to a service of the machine."""
    with socket.create_connection(("127.0.0.1", int(port)), timeout=2) as there:
        there.sendall(b"escaped")
    print("connected")


def send(port: str) -> None:
    """Send a datagram to a service of the machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.sendto(b"escaped", ("127.0.0.1", int(port)))
    print("sent")


def read(path: str) -> None:
    """Read a file."""
    with open(path) as file:
        print(file.read())


def write(path: str) -> None:
    """Make a file."""
    with open(path, "w") as file:
        file.write("escaped")
    print("written")


def see(pid: str) -> None:
    """Look at a process of the machine, and signal it."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            print(file.read())
    finally:
        os.kill(int(pid), signal.SIGUSR1)


def environment(name: str) -> None:
    """Find a secret in the environment."""
    print(os.environ[name])


def fill(size: str) -> None:
    """Write more than the private folder may hold."""
    done = 0
    try:
        for k in range(1000):
            with open(f"fill{k}", "wb") as file:
                for _ in range(8):
                    done += file.write(bytes(BLOCK))
            if done > int(size):
                break
    finally:
        print(done)


def fork(count: str) -> None:
    """Start more processes than there may be."""
    done = 0
    try:
        for _ in range(int(count)):
            if os.fork() == 0:
                time.sleep(60)
                os._exit(0)
            done += 1
    finally:
        print(done)


def allocate(size: str) -> None:
    """Use more memory than there may be."""
    print(len(bytearray(int(size))))


def outlive(path: str) -> None:
    """Leave a process behind that has a session of its own and goes on writing."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for fd in range(3):
                os.close(fd)
            for _ in range(200):
                with open(path, "a") as file:
                    file.write(".")
                time.sleep(0.05)
        os._exit(0)
    time.sleep(0.3)
    print("left")


def main() -> None:
    """Try what the arguments name."""
    name, argument = sys.argv[1:]
    globals()[name](argument)
