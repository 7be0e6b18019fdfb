"""Starts a server as an MCP client does, with the Python SDK, and prints what the client saw.

Reads a client's config entry (`command`, `args`, `env`) from stdin. Prints one JSON object:
`protocol`, `server`, `tools` and `result`, or `error`, the text that the client's own user would see.
"""

import argparse
import asyncio
import json
import sys

from mcp import Client, StdioServerParameters


async def exchange(entry, options):
    seen = {}
    async with Client(StdioServerParameters(**entry), mode=options.mode) as client:
        seen["protocol"] = client.session.protocol_version
        seen["server"] = client.session.server_info.name
        seen["tools"] = sorted(tool.name for tool in (await client.list_tools()).tools)
        if options.tool:
            result = await client.call_tool(options.tool, json.loads(options.arguments))
            seen["result"] = [part.text for part in result.content if part.type == "text"]
            seen["is_error"] = bool(result.is_error)
    return seen


def innermost(error):
    """A task group wraps what went wrong; the person is shown the cause."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", default="auto", help="auto, legacy, or a protocol version")
    parser.add_argument("--tool", help="a tool to call")
    parser.add_argument("--arguments", default="{}", help="the tool's arguments, as JSON")
    options = parser.parse_args()
    try:
        seen = asyncio.run(asyncio.wait_for(exchange(json.load(sys.stdin), options), timeout=60))
    except BaseException as error:
        cause = innermost(error)
        seen = {"error": str(cause), "kind": type(cause).__name__}
    json.dump(seen, sys.stdout)


main()
