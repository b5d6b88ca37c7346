// A button that unfolds a menu; one can be open at a time.

import { h, icon } from "./dom.js";
import { textObject } from "./mrkdwn.js";
import { draw } from "./page.js";

let open = null;

function show(key) {
  open = key;
  draw();
}

/**
 * Draw the button and, when it is open, its menu.
 *
 * `key` names it on the page, `button` are the button's own props, `content` what stands on it. Each item:
 * {text, description, url, value, pick()}.
 */
export function menu({ key, button, content, items, after }) {
  const isOpen = open === key;
  const leave = (event) => isOpen && !event.currentTarget.contains(event.relatedTarget) && show(null);
  const escape = (event) => {
    if (!isOpen || event.key !== "Escape") return;
    event.stopPropagation();
    event.currentTarget.querySelector("button").focus();
    show(null);
  };
  return h(
    "span",
    { class: "menu-place", key, onfocusout: leave, onkeydown: escape },
    h(
      "button",
      {
        ...button,
        type: "button",
        "aria-haspopup": "menu",
        "aria-expanded": String(isOpen),
        onclick: () => show(isOpen ? null : key),
      },
      content,
    ),
    isOpen &&
      h(
        "div",
        { role: "menu", class: "menu", "aria-label": button["aria-label"], mount: unfold, onkeydown: arrows },
        items.map(item),
      ),
    after,
  );
}

function item({ text, description, url, value, pick }) {
  const props = {
    role: "menuitem",
    class: "menu-item",
    "data-value": value,
    onclick: () => {
      show(null);
      pick();
    },
  };
  const content = [
    h("span", {}, textObject(text)),
    description && h("span", { class: "description" }, textObject(description)),
  ];
  if (/^https?:/i.test(url ?? ""))
    return h("a", { ...props, href: url, target: "_blank", rel: "noreferrer" }, content);
  return h("button", { ...props, type: "button" }, content);
}

/** Where there is no room under its button, a menu opens over it. */
function unfold(node) {
  if (node.getBoundingClientRect().bottom > window.innerHeight) node.classList.add("upwards");
  node.firstElementChild.focus();
}

function arrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...event.currentTarget.children];
  items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
}
