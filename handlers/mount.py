"""Which marketplace answers: the only file that knows hosts and prefixes.

Every marketplace answers under `/<name>/` on any host and at the root of its own hosts; the default one
also at the root of every other host.
"""

from collections.abc import Mapping
from typing import Generic, TypeVar

S = TypeVar("S")


class Mount(Generic[S]):
    """Marketplaces by name and by host."""

    def __init__(self, served: Mapping[str, S], default: str, hosts: Mapping[str, str]) -> None:
        """served: name -> what answers; default: a name; hosts: further names by host name."""
        self._by_prefix = dict(served)
        self._default = served[default]
        self._by_host = {f"{name}.localhost": one for name, one in served.items()}
        self._by_host |= {host.lower(): served[name] for host, name in hosts.items()}

    def all(self) -> tuple[S, ...]:
        """Give everyone who answers."""
        return tuple(self._by_prefix.values())

    def resolve(self, host: str, path: str) -> tuple[S, str, str]:
        """Give who answers, the mount ("/alist" or "") and the path behind it.

        host : the Host header, with or without a port
        path : begins with a slash
        """
        first, _slash, rest = path[1:].partition("/")
        served = self._by_prefix.get(first)
        if served is not None:
            return served, f"/{first}", f"/{rest}"
        name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
        return self._by_host.get(name.lower(), self._default), "", path
