#!/usr/bin/python3
"""listen.py - many clients of the event stream at once.

	listen.py PORT TOKEN COUNT EVENTS SECONDS

Opens COUNT streams, prints "ready" once all have begun, and ends when each has had EVENTS messages, or after
SECONDS: it then prints how many streams have had all, and how many were cut.
"""
import asyncio
import sys

PORT, COUNT, EVENTS, SECONDS = int(sys.argv[1]), int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
REQUEST = (f"GET /v1/events/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {sys.argv[2]}\r\n\r\n").encode()


class Stream:
    def __init__(self):
        self.begun = asyncio.Event()
        self.messages = 0
        self.cut = False

    async def listen(self):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
            writer.write(REQUEST)
            while self.messages < EVENTS:
                line = await reader.readline()
                if not line:
                    raise ConnectionError("the stream ended")
                if line.startswith(b"id: "):
                    self.begun.set()
                self.messages += line.startswith(b"event: message.send")
        except (OSError, asyncio.IncompleteReadError):
            self.cut = True
            self.begun.set()


async def main():
    streams = [Stream() for _ in range(COUNT)]
    listening = []
    for at in range(0, COUNT, 50):
        listening += [asyncio.create_task(stream.listen()) for stream in streams[at:at + 50]]
        for stream in streams[at:at + 50]:
            await stream.begun.wait()
    print("ready", flush=True)
    await asyncio.wait(listening, timeout=SECONDS)
    print(sum(stream.messages >= EVENTS for stream in streams), sum(stream.cut for stream in streams), flush=True)


asyncio.run(main())
