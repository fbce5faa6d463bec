"""The way between one process and its Redis, to be cut and mended."""

import asyncio
from asyncio import StreamReader, StreamWriter


class Cable:
    """A port that hands everything on to another, and back."""

    def __init__(self, port: int) -> None:
        """port : where it leads on loopback"""
        self._port = port
        self._server: asyncio.Server | None = None
        self._ends: set[StreamWriter] = set()
        self.url = ""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.url = f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/0"
        self._is_cut = False

    def cut(self) -> None:
        """End what is connected, and refuse whoever comes."""
        self._is_cut = True
        for end in self._ends:
            end.close()

    def mend(self) -> None:
        self._is_cut = False

    def stop(self) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()

    async def _connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        if self._is_cut:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._ends |= {writer, far_writer}
        await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))
        self._ends -= {writer, far_writer}

    async def _carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            while piece := await reader.read(65536):
                writer.write(piece)
        except OSError:
            pass
        finally:
            writer.close()
