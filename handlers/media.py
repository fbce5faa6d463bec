"""Uploaded files: their addresses, and how they are sent."""

from handlers.call import Viewer
from handlers.operation import Answer
from server.services.files.media import MediaFile


def media_url(viewer: Viewer, key: str) -> str:
    """Give a file's address, on the host that the client called."""
    return f"{viewer.base_url}/media/{key}"


def file_answer(file: MediaFile, caching: str) -> Answer:
    """Give a file: images to show, documents to save. `caching` says who may keep it, and how long."""
    headers = {"Content-Type": file.content_type, "Cache-Control": caching}
    if file.is_document:
        headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return Answer(200, file.content, headers)
