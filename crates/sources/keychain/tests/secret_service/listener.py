"""Listens on the sockets that are named, `@` for abstract ones, and keeps all it is sent in a file."""

import pathlib
import selectors
import socket
import sys

received = pathlib.Path(sys.argv[1])
selector = selectors.DefaultSelector()
for name in sys.argv[2:]:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("\0" + name[1:] if name.startswith("@") else name)
    listener.listen()
    if not name.startswith("@"):
        pathlib.Path(name).chmod(0o777)
    selector.register(listener, selectors.EVENT_READ, "listener")
received.touch()
while True:
    for key, _ in selector.select():
        if key.data == "listener":
            selector.register(key.fileobj.accept()[0], selectors.EVENT_READ, "client")
        elif data := key.fileobj.recv(4096):
            with received.open("ab") as file:
                file.write(data)
        else:
            selector.unregister(key.fileobj)
            key.fileobj.close()
