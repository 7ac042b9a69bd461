"""The player of a page, for tests in a browser."""

INKED = """canvas => {
  const { width, height } = canvas, pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const counts = new Map();
  for (let at = 0; at < pixels.length; at += 4) {
    const colour = pixels.slice(at, at + 4).join(" ");
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const [ground, most] = [...counts].reduce((one, other) => (other[1] > one[1] ? other : one));
  return ground === "0 0 0 255" ? 0 : 1 - most / (width * height);  // black: no colour was known
}"""


class Player:
    """The player below an element; asks the page's own object."""

    def __init__(self, place):
        self.place = place
        self.page = place.page
        self.host = place.locator(".kitchen-player")
        self.host.wait_for()
        self.wait("player => player.pictures > 0")

    @property
    def now(self) -> float:
        """The instant that is shown, seconds."""
        return self.of("t")

    def of(self, name: str):
        """An attribute; an array as a list."""
        return self.host.evaluate(
            "(host, name) => ArrayBuffer.isView(host.player[name]) ? Array.from(host.player[name]) : host.player[name]",
            name,
        )

    def press(self, key: str) -> None:
        """Press a key with the player in focus."""
        self.host.locator(".kitchen").press(key)

    def wait(self, condition: str) -> None:
        """Until a function of the player is true."""
        handle = self.host.element_handle()
        self.page.wait_for_function(
            f"host => host.player && ({condition})(host.player)", arg=handle
        )


def inked(place, nth: int) -> float:
    """Share of the pixels of a canvas that are not of its most frequent colour."""
    return place.locator("canvas").nth(nth).evaluate(INKED)
