"""A real nginx with the configuration that is shipped, before a server of a test's own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHIPPED = Path(__file__).parents[2] / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


@contextmanager
def nginx(folder: Path, server_port: int) -> Iterator[int]:
    """Give the port on which nginx forwards to the server's."""
    assert NGINX is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = SHIPPED.read_text()
    for shipped, ours in (("listen 80 ", f"listen 127.0.0.1:{port} "), (":8000;", f":{server_port};")):
        assert shipped in text
        text = text.replace(shipped, ours)
    text = text.replace("/dev/stdout", str(folder / "nginx-access.log"))
    configuration = folder / "nginx.conf"
    configuration.write_text(text)
    command = [NGINX, "-p", str(folder), "-c", str(configuration), "-e", str(folder / "nginx-errors.log")]
    process = subprocess.Popen([*command, "-g", f"daemon off; pid {folder}/nginx.pid;"])
    try:
        while process.poll() is None and not _listens(port):
            time.sleep(0.01)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
