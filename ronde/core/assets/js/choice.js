// Choice with search on the server (ARIA 1.2 combobox): the focus stays in the field, htmx brings
// the options into the listbox, the arrows move, Entrée chooses, Échap closes.
import { all, counted, one } from "./dom.js";

class Choice extends HTMLElement {
  connectedCallback() {
    if (this.field) return;
    this.field = one("[role=combobox]", this);
    this.list = one("[role=listbox]", this);
    this.hidden_ = one("[data-ronde-valeur][type=hidden]", this);
    this.inline = "rondeOuvert" in this.dataset;
    this.stale = false; // the list answers an older text
    this.pending = false; // Entrée pressed before the answer came
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.pressed(event));
    this.field.addEventListener("blur", () => this.open(false));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[role=option]")));
    this.addEventListener("htmx:after:settle", (event) => event.target === this.list && this.answered());
  }

  get options() {
    return all("[role=option]:not([aria-disabled=true])", this.list);
  }

  get active() {
    return one("[role=option][aria-selected=true]", this.list);
  }

  typed() {
    this.stale = true;
    this.pending = false;
    if (this.hidden_) this.hidden_.value = "";
  }

  answered() {
    this.stale = false;
    const options = this.options;
    this.open(this.list.childElementCount > 0 && document.activeElement === this.field);
    this.say(options);
    this.go(options[0]);
    if (this.pending) this.choose(options[0]);
    this.pending = false;
  }

  /** @param {Element[]} options */
  say(options) {
    const count = one("[data-ronde-compte]", this);
    if (!count) return;
    const summary = one("[data-ronde-resume]", this.list)?.dataset.rondeResume;
    count.textContent = this.field.value ? summary ?? counted(count, options.length) : "";
  }

  /** @param {boolean} shown */
  open(shown) {
    const visible = shown || (this.inline && this.list.childElementCount > 0);
    this.list.hidden = !visible;
    this.field.setAttribute("aria-expanded", String(visible));
    if (!visible) this.field.removeAttribute("aria-activedescendant");
  }

  /** @param {Element | undefined} option */
  go(option) {
    all("[role=option]", this.list).forEach((other) => other.setAttribute("aria-selected", String(other === option)));
    if (!option) return this.field.removeAttribute("aria-activedescendant");
    this.field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} step */
  move(step) {
    const options = this.options;
    if (this.list.hidden) this.open(options.length > 0);
    const here = options.indexOf(this.active);
    this.go(options[Math.max(0, Math.min(options.length - 1, here + step))]);
  }

  /** @param {HTMLElement | null | undefined} option */
  choose(option) {
    if (!option || option.getAttribute("aria-disabled") === "true") return;
    const { rondeHref, rondeValeur, rondeTexte } = option.dataset;
    if (rondeHref) return location.assign(rondeHref);
    this.go(option);
    if (this.hidden_) this.hidden_.value = rondeValeur ?? "";
    if (!this.inline) {
      this.field.value = rondeTexte ?? option.textContent.trim();
      this.open(false);
    }
    const detail = { valeur: rondeValeur, texte: rondeTexte };
    option.dispatchEvent(new CustomEvent("ronde:choisi", { detail, bubbles: true }));
    this.hidden_?.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const shown = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && (shown || this.stale)) {
      event.preventDefault();
      if (this.stale) this.pending = true;
      else this.choose(this.active);
    } else if (event.key === "Escape" && shown && !this.inline) {
      event.preventDefault();
      event.stopPropagation();
      this.open(false);
    }
  }
}

customElements.define("ronde-choix", Choice);
