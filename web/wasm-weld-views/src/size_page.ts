// The page that `weld size --html` writes: the view with its model, in one file.
import type { SizeModel } from 'wasm-weld';
import { defineElements } from './elements';
import { bytesText, shown } from './text';

const model = JSON.parse(document.getElementById('model')!.textContent!) as SizeModel;
if ('leaves' in model) {
  const name = shown(model.name, 80);
  document.title = `${name}: ${bytesText(model.size)}`;
  document.querySelector('h1')!.textContent = name;
  document.getElementById('about')!.textContent = model.before
    ? `What differs from ${shown(model.before.name, 80)}, by weld diff --html`
    : 'What it consists of, by weld size --html';
  defineElements();
  const view = document.createElement(model.before ? 'weld-diff' : 'weld-size');
  view.model = model;
  document.getElementById('main')!.append(view);
}
