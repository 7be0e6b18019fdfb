"""A stand-in for the Secret Service of a desktop, for the prompts that need one.

Its collection is locked until a prompt is answered. Each prompt that is shown adds a line to the
file that the first argument names; one that is taken away makes FILE.dismissed.
"""

import argparse
import heapq
import pathlib
import time

from jeepney import DBusAddress, HeaderFields, MessageType, new_error, new_method_call, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

arguments = argparse.ArgumentParser()
arguments.add_argument("file", type=pathlib.Path)
arguments.add_argument("--answer", choices=["unlock", "nothing", "dismiss", "never", "first-never"], required=True)
arguments.add_argument("--after", type=float, default=0.0, help="seconds until a prompt is answered")
arguments.add_argument("--hides-items", action="store_true", help="shows no item while locked, as KeePassXC does")
arguments.add_argument("--gives", choices=["values", "nothing", "no-such-object"], default="values")
arguments.add_argument("--pretends-unlocked", action="store_true", help="searches never say that an item is locked")
options = arguments.parse_args()

SERVICE = "org.freedesktop.Secret.Service"
COLLECTION = "/org/freedesktop/secrets/collection/login"
items = {
    f"{COLLECTION}/{number}": ({"service": "mcp-launch", "username": name}, f"value of {name}".encode())
    for number, name in enumerate(["A", "B"])
}
locked = True
prompts = {}  # path -> the client that it was made for
answers = []  # heap of (time, path)
shown = 0

connection = open_dbus_connection("SESSION")
connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.secrets"))


def answer_prompt(path):
    global locked
    if prompts.pop(path, None) is None:
        return
    dismissed = options.answer == "dismiss"
    if options.answer not in ("dismiss", "nothing"):
        locked = False
    prompt = DBusAddress(path, interface="org.freedesktop.Secret.Prompt")
    connection.send(new_signal(prompt, "Completed", "bv", (dismissed, ("ao", []))))


def show_prompt(path):
    global shown
    shown += 1
    with options.file.open("a") as file:
        file.write(f"{path}\n")
    if options.answer != "never" and not (options.answer == "first-never" and shown == 1):
        heapq.heappush(answers, (time.monotonic() + options.after, path))


def search(wanted):
    if locked and options.hides_items:
        return ([], [])
    found = [path for path, (attributes, _) in items.items() if wanted.items() <= attributes.items()]
    return ([], found) if locked and not options.pretends_unlocked else (found, [])


def handle(message):
    fields = message.header.fields
    path, interface, member = (fields.get(key) for key in (HeaderFields.path, HeaderFields.interface, HeaderFields.member))
    body = message.body
    reply = lambda signature=None, values=(): connection.send(new_method_return(message, signature, values))
    fail = lambda name: connection.send(new_error(message, name))
    if member == "OpenSession":
        reply("vo", (("s", ""), "/org/freedesktop/secrets/session/1"))
    elif member == "SearchItems":
        reply("aoao", search(body[0]))
    elif member == "Unlock":
        if not locked:
            reply("aoo", (body[0], "/"))
        else:
            prompt = f"/org/freedesktop/secrets/prompt/p{len(prompts)}_{shown}_{time.monotonic_ns()}"
            prompts[prompt] = fields[HeaderFields.sender]
            reply("aoo", ([], prompt))
    elif member == "Prompt":
        reply()
        show_prompt(path)
    elif member == "Dismiss":
        prompts.pop(path, None)
        options.file.with_suffix(".dismissed").touch()
        reply()
    elif member == "GetSecrets":
        if locked:
            fail("org.freedesktop.Secret.Error.IsLocked")
        elif options.gives == "nothing":
            reply("a{o(oayays)}", ({},))
        elif options.gives == "no-such-object":
            fail("org.freedesktop.Secret.Error.NoSuchObject")
        else:
            reply("a{o(oayays)}", ({item: (body[1], b"", items[item][1], "text/plain") for item in body[0]},))
    elif member == "ReadAlias":
        reply("o", (COLLECTION,))
    elif member == "Get" and body[1] == "Locked":
        reply("v", (("b", locked),))
    elif member == "Get" and body[1] == "Collections":
        reply("v", (("ao", [COLLECTION]),))
    elif member == "Get" and body[1] == "Items":
        reply("v", (("ao", [] if locked and options.hides_items else list(items)),))
    elif member == "Get" and body[1] == "Attributes":
        reply("v", (("a{ss}", items[path][0]),))
    elif member == "CreateItem":
        attributes = body[0]["org.freedesktop.Secret.Item.Attributes"][1]
        made = f"{COLLECTION}/{time.monotonic_ns()}"
        items[made] = (attributes, bytes(body[1][2]))
        reply("oo", (made, "/"))
    elif member == "SetSecret":
        items[path] = (items[path][0], bytes(body[0][2]))
        reply()
    elif member == "Delete":
        del items[path]
        reply("o", ("/",))
    elif member == "Ping":
        reply()
    else:
        fail("org.freedesktop.DBus.Error.UnknownMethod")


while True:
    wait = max(0.0, answers[0][0] - time.monotonic()) if answers else None
    try:
        message = connection.receive(timeout=wait)
    except TimeoutError:
        message = None
    if message is not None and message.header.message_type == MessageType.method_call:
        handle(message)
    while answers and answers[0][0] <= time.monotonic():
        answer_prompt(heapq.heappop(answers)[1])
