// The custom elements. Each has its own shadow tree, so that no style of the page gets in; their style sheet is made by a
// constructor, which strict policies allow.
import { render, type ComponentChildren } from 'preact';
import type { MemoryMap, SizeModel } from 'wasm-weld';
import { MemoryView } from './memory_view';
import { sourceOf } from './size_groups';
import type { Grouping, SizeSource } from './size_source';
import { SizeView, type SizeState } from './size_view';
import { styles } from './styles';
import { SymbolsView } from './symbols_view';

/** An item that a view may link to. */
export interface LinkedItem {
  kind: string;
  name: string;
  file: string | undefined;
}

let sheet: CSSStyleSheet | undefined;

abstract class ViewElement extends HTMLElement {
  #root = this.attachShadow({ mode: 'open' });
  #isWaiting = false;
  #linkTo: ((item: LinkedItem) => string | undefined) | undefined;
  /** Another one when links are others. */
  protected linkOf: (item: LinkedItem) => string | undefined = () => undefined;

  /** The address of an item; without it, items are no links. */
  get linkTo(): ((item: LinkedItem) => string | undefined) | undefined {
    return this.#linkTo;
  }
  set linkTo(linkTo: ((item: LinkedItem) => string | undefined) | undefined) {
    this.#linkTo = linkTo;
    this.linkOf = (item) => linkTo?.(item);
    this.changed();
  }

  connectedCallback(): void {
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(styles);
    }
    this.#root.adoptedStyleSheets = [sheet];
    this.changed();
  }

  disconnectedCallback(): void {
    render(null, this.#root);
  }

  attributeChangedCallback(): void {
    this.changed();
  }

  /** Several changes are shown at once. */
  protected changed(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    queueMicrotask(() => {
      this.#isWaiting = false;
      if (this.isConnected) render(this.view(), this.#root);
    });
  }

  protected abstract view(): ComponentChildren;
}

/** `<weld-size>`: what the bytes of an output belong to. */
export class WeldSize extends ViewElement {
  static readonly observedAttributes = ['by', 'colour', 'compact'];
  #source: SizeSource | undefined;
  #state: SizeState = {};

  /** What is shown: `report.sizeModel()`. */
  set model(model: SizeModel | undefined) {
    this.source = model && sourceOf(model);
  }

  /** What answers instead of a model, for models in a worker. */
  get source(): SizeSource | undefined {
    return this.#source;
  }
  set source(source: SizeSource | undefined) {
    this.#source = source;
    this.changed();
  }

  /** What is looked at. The event `weld-state` says that the visitor changed it. */
  get state(): SizeState {
    return this.#state;
  }
  set state(state: SizeState) {
    this.#state = state;
    this.changed();
  }

  protected view(): ComponentChildren {
    const attributes: SizeState = {};
    const [by, colour] = [this.getAttribute('by'), this.getAttribute('colour')];
    if (by) attributes.by = by as Grouping;
    if (colour) attributes.colour = colour as Grouping;
    return (
      <SizeView
        source={this.#source}
        state={{ ...attributes, ...this.#state }}
        setState={(state) => {
          this.state = state;
          this.dispatchEvent(new CustomEvent('weld-state', { detail: state, bubbles: true, composed: true }));
        }}
        linkOf={this.linkOf}
        compact={this.hasAttribute('compact')}
      />
    );
  }
}

/** `<weld-diff>`: the same for two outputs. Its model is that of `newer.sizeModel({ before: older })`. */
export class WeldDiff extends WeldSize {}

/** `<weld-symbols>`: all symbols of an output, to search and to sort. */
export class WeldSymbols extends ViewElement {
  #model: SizeModel | undefined;

  get model(): SizeModel | undefined {
    return this.#model;
  }
  set model(model: SizeModel | undefined) {
    this.#model = model;
    this.changed();
  }

  protected view(): ComponentChildren {
    return this.#model && <SymbolsView model={this.#model} linkOf={this.linkOf} />;
  }
}

/** `<weld-memory>`: what lies where in memory. */
export class WeldMemory extends ViewElement {
  #map: MemoryMap | undefined;

  /** What is shown: `report.memoryMap()`. */
  get map(): MemoryMap | undefined {
    return this.#map;
  }
  set map(map: MemoryMap | undefined) {
    this.#map = map;
    this.changed();
  }

  protected view(): ComponentChildren {
    return this.#map && <MemoryView map={this.#map} />;
  }
}

const elements = {
  'weld-size': WeldSize,
  'weld-diff': WeldDiff,
  'weld-symbols': WeldSymbols,
  'weld-memory': WeldMemory,
};

/** Makes the elements known to the page. Once is enough. */
export function defineElements(): void {
  for (const [name, element] of Object.entries(elements))
    if (!customElements.get(name)) customElements.define(name, element);
}

declare global {
  interface HTMLElementTagNameMap {
    'weld-size': WeldSize;
    'weld-diff': WeldDiff;
    'weld-symbols': WeldSymbols;
    'weld-memory': WeldMemory;
  }
}
