"""A file too large is refused while it arrives, whatever the address it is sent to."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from ronde.documents.kinds import LARGEST

# In one request: the page sends its files one by one, a browser without script all together.
LARGEST_REQUEST = 20 * LARGEST


class LimitedUpload(FileUploadHandler):
    """Stands first: counts what arrives, and drops the rest of a file past the limit.

    What was dropped is told by `dropped(request)`. A request larger than all that could be wanted
    is not read at all.
    """

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any
    ) -> None:
        if content_length > LARGEST_REQUEST:
            message = "More than all the files that a form may send."
            raise RequestDataTooBig(message)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start + len(raw_data) > LARGEST:
            if self.request is not None:
                names = dropped(self.request)
                names.append(str(self.file_name))
                self.request.dropped_files = names  # type: ignore[attr-defined]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def dropped(request: HttpRequest) -> list[str]:
    """The names of the files of this request that were larger than what is accepted."""
    return getattr(request, "dropped_files", [])
