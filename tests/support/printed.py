"""What stands where on the pages of a PDF: enough to see cut pictures and half-empty pages."""

from typing import NamedTuple

import pypdf


class Sheet(NamedTuple):
    """A printed page: lowest end of what is on it, as a share of its height from the bottom; pictures.

    A picture that is cut at the end of a page is on both.
    """

    lowest: float
    pictures: list[tuple[float, float]]
    text: str


def sheets(path) -> list[Sheet]:
    """The pages of a PDF file."""
    return [_sheet(page) for page in pypdf.PdfReader(path).pages]


def _sheet(page) -> Sheet:
    height, lows, pictures, words = float(page.mediabox.height), [], [], []
    images = set(page.images.keys()) if page.images else set()
    names = {str(name if isinstance(name, str) else name[-1]).lstrip("/") for name in images}

    def written(text, matrix, inner, *_):
        if text.strip():
            lows.append(inner[4] * matrix[1] + inner[5] * matrix[3] + matrix[5])
            words.append(text)

    def drawn(operator, arguments, matrix, _):
        if operator == b"Do" and any(str(arguments[0]).lstrip("/") in name for name in names):
            ends = sorted((matrix[5], matrix[5] + matrix[3]))
            pictures.append((ends[0] / height, ends[1] / height))
            lows.append(ends[0])

    page.extract_text(visitor_text=written, visitor_operand_before=drawn)
    return Sheet(min(lows, default=height) / height, pictures, "".join(words))
