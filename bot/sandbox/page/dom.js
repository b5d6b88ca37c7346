// A very small virtual DOM: describe elements with h(), bring a parent up to date with patch().
//
// An element that is still described stays the same element, so focus, caret, scroll position and
// open <details> survive every update. Siblings are matched by `key`, else by tag in their order.
//
// Props: `key` (identity among siblings), `mount` (called once with the element, when in place),
// `onclick` and the like (the handler), `.value` and the like (a DOM property, written only when it
// differs, so a caret does not jump), everything else is an attribute (true: empty, false: absent).

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = Symbol("the description this node was last drawn from");
const HANDLERS = Symbol("the present handler of each kind of event");
const NOTHING = { props: {}, children: [] };

export function h(tag, props, ...children) {
  const kept = children
    .flat(Infinity)
    .filter((child) => typeof child !== "boolean" && child != null && child !== "");
  return { tag, props: props ?? {}, key: props?.key, children: kept };
}

/** A drawing from the page's own sprite; decorative, so it has no name of its own. */
export function icon(name) {
  return h(
    "svg",
    { class: `icon icon-${name}`, "aria-hidden": "true", focusable: "false" },
    h("use", { href: `#i-${name}` }),
  );
}

/** Make the children of `parent` what `wanted` describes. */
export function patch(parent, wanted) {
  const matches = matchNodes([...parent.childNodes], wanted);
  const kept = new Set(matches);
  for (const node of [...parent.childNodes]) if (!kept.has(node)) node.remove();
  const mounted = [];
  let place = parent.firstChild;
  wanted.forEach((child, index) => {
    const node = matches[index] ?? createNode(child, parent);
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
    drawNode(node, child);
    if (!matches[index] && child.props?.mount) mounted.push([child.props.mount, node]);
  });
  for (const [mount, node] of mounted) mount(node);
}

function matchNodes(nodes, wanted) {
  const keyed = new Map();
  const loose = [];
  for (const node of nodes) {
    const key = node[DRAWN]?.key;
    if (key === undefined) loose.push(node);
    else keyed.set(key, node);
  }
  let next = 0;
  return wanted.map((child) => {
    const name = nodeName(child);
    if (child.key !== undefined) {
      const node = keyed.get(child.key);
      keyed.delete(child.key);
      return node?.nodeName.toLowerCase() === name ? node : undefined;
    }
    const found = loose.findIndex((node, index) => index >= next && node.nodeName.toLowerCase() === name);
    if (found < 0) return undefined;
    next = found + 1;
    return loose[found];
  });
}

function nodeName(child) {
  return child.tag ?? "#text";
}

function createNode(child, parent) {
  if (!child.tag) return document.createTextNode("");
  const inSvg = child.tag === "svg" || parent.namespaceURI === SVG;
  return inSvg ? document.createElementNS(SVG, child.tag) : document.createElement(child.tag);
}

function drawNode(node, child) {
  if (!child.tag) {
    const text = String(child);
    if (node.data !== text) node.data = text;
    return;
  }
  const before = (node[DRAWN] ?? NOTHING).props;
  node[DRAWN] = child;
  for (const name in before) if (!(name in child.props)) setProp(node, name, before[name], null);
  patch(node, child.children);
  for (const name in child.props) setProp(node, name, before[name], child.props[name]);
}

function setProp(node, name, before, after) {
  if (name === "key" || name === "mount") return;
  if (name.startsWith("on")) handle(node, name.slice(2), after);
  else if (name.startsWith(".")) {
    if (after !== null && node[name.slice(1)] !== after) node[name.slice(1)] = after;
  } else if (before !== after) {
    if (after === null || after === undefined || after === false) node.removeAttribute(name);
    else node.setAttribute(name, after === true ? "" : String(after));
  }
}

function handle(node, type, handler) {
  node[HANDLERS] ??= {};
  if (!(type in node[HANDLERS])) node.addEventListener(type, (event) => node[HANDLERS][type]?.(event));
  node[HANDLERS][type] = handler;
}

/** Keep Tab inside `container`: a key handler for dialogs. */
export function keepFocusInside(event, container) {
  if (event.key !== "Tab") return;
  const stops = focusable(container);
  if (!stops.length) return;
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge && container.contains(document.activeElement)) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}

/** What one can reach with Tab inside `container`, in order. */
export function focusable(container) {
  const all = container.querySelectorAll("a[href], button, input, textarea, select, summary, [tabindex='0']");
  return [...all].filter((node) => !node.disabled && node.tabIndex >= 0 && node.getClientRects().length);
}

/** A key handler for tabs and radio groups: arrows go to the next one and choose it. */
export function chooseByArrows(event) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...event.currentTarget.children];
  const next = all.at((all.indexOf(document.activeElement) + step) % all.length);
  next.focus();
  next.click();
}
