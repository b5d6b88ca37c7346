"""Whether what is on the page can be read, named and reached: the hard rules that need no judgement."""

from playwright.async_api import Page

_NAMED = {
    "button", "link", "textbox", "combobox", "checkbox", "radio", "tab", "option", "dialog", "progressbar",
    "image", "img", "menuitem", "listbox", "radiogroup", "tablist", "region", "navigation", "form",
}  # fmt: skip
"""Roles of which each one on the page must have a name."""

_BROKEN_REFERENCES = """() => {
  const faults = [];
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`two are #${id}`);
  for (const name of ["aria-controls", "aria-labelledby", "aria-describedby", "aria-activedescendant", "for"])
    for (const node of document.querySelectorAll(`[${name}]`))
      for (const id of node.getAttribute(name).split(" "))
        if (!document.getElementById(id)) faults.push(`${name} of ${node.className} leads nowhere: ${id}`);
  if (document.documentElement.scrollWidth > innerWidth) faults.push("the page is wider than its window");
  return faults;
}"""

# https://www.w3.org/TR/WCAG22/#contrast-minimum; a canvas turns any notation of a colour into bytes.
_FAINT_TEXT = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const bytes = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((one, at) => (one * a + under[at] * (255 - a)) / 255);
  const behind = (node) => {
    const color = node ? bytes(getComputedStyle(node).backgroundColor) : [255, 255, 255, 255];
    return color[3] === 255 ? [...color].slice(0, 3) : over(color, behind(node.parentElement));
  };
  const light = (color) =>
    color
      .map((one) => one / 255)
      .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
      .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const shown = (node) =>
    node.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    !node.closest(".unseen, .emoji, .stale, [inert], [aria-disabled=true]");
  const faults = new Set();
  const texts = document.createTreeWalker(document.getElementById("page"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !shown(node)) continue;
    const style = getComputedStyle(node);
    const under = behind(node);
    const [a, b] = [light(over(bytes(style.color), under)), light(under)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < least) faults.add(`too faint (${ratio.toFixed(2)}): ${texts.currentNode.data.trim()}`);
  }
  return [...faults];
}"""


async def faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands, one sentence each; empty when nothing is."""
    return [
        *await page.evaluate(_BROKEN_REFERENCES),
        *await page.evaluate(_FAINT_TEXT),
        *await _nameless(page),
    ]


async def _nameless(page: Page) -> list[str]:
    """What a screen reader could not name, as the browser itself computes names."""
    session = await page.context.new_cdp_session(page)
    tree = await session.send("Accessibility.getFullAXTree")
    await session.detach()
    nodes = (node for node in tree["nodes"] if not node.get("ignored"))
    roles = ((node.get("role", {}).get("value"), node.get("name", {}).get("value")) for node in nodes)
    return [f"a {role} has no name" for role, name in roles if role in _NAMED and not name]
