"""How well texts of a page are read, by the colours that the browser computes."""

ENOUGH = 4.5
"""WCAG 2.2, success criterion 1.4.3, of a text of usual size to its ground."""

PALE = """(root, enough) => {
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const rgba = colour => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((part, k) => part * a + below[k] * (1 - a));
  const parent = node => node.assignedSlot ?? node.parentNode?.host ?? node.parentElement;
  const ground = element => {
    const layers = [];
    for (let at = element; at; at = parent(at)) {
      const layer = rgba(getComputedStyle(at).backgroundColor);
      layers.push(layer);
      if (layer[3] === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const light = colour => {
    const [r, g, b] = colour.map(part => part / 255).map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [], seen = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && element.getClientRects().length;
  const look = node => {
    for (const element of node.querySelectorAll("*")) {
      if (element.shadowRoot) look(element.shadowRoot);
      const own = [...element.childNodes].some(child => child.nodeType === 3 && child.data.trim());
      const typed = ["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName) && element.type !== "checkbox" && element.type !== "range";
      if (!(own || typed) || element.disabled || ["STYLE", "SCRIPT", "OPTION"].includes(element.tagName) || !seen(element)) continue;
      if (element.closest("svg .spots, svg .cell, svg .cells, .unseen")) continue;
      const style = getComputedStyle(element), below = ground(element);
      const ink = over(rgba(element.ownerSVGElement ? style.fill : style.color), below);
      const [more, less] = [light(ink), light(below)].sort((x, y) => y - x), ratio = (more + 0.05) / (less + 0.05);
      found.push([Number(ratio.toFixed(2)), element.tagName, (element.textContent || element.value).trim().slice(0, 40)]);
    }
  };
  look(root);
  return { texts: found.length, pale: found.filter(([ratio]) => ratio < enough) };
}"""


def pale_texts(place) -> list:
    """Texts within a locator, shadow roots included, whose contrast is below `ENOUGH`.

    Texts of a picture upon its own colours are left out, and of controls that cannot be used.
    """
    found = place.evaluate(PALE, ENOUGH)
    assert found["texts"] > 5
    return found["pale"]
