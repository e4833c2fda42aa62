// The look of the elements. Whoever uses them may set the variables that begin with `--weld-`: README.md lists them.
export const styles = `
:host {
  display: block;
  color-scheme: light dark;
  --ink-colour: var(--weld-ink, #1a1d26);
  --soft-colour: var(--weld-soft, #5b6172);
  --ground-colour: var(--weld-ground, #ffffff);
  --well-colour: var(--weld-well, #f1f2f5);
  --line-colour: var(--weld-line, #e1e3e9);
  --accent-colour: var(--weld-accent, #4a41c8);
  --good-colour: var(--weld-good, #12703d);
  --bad-colour: var(--weld-bad, #b3261e);
  --hue-0: var(--weld-hue-0, #d9dce4);
  --hue-1: var(--weld-hue-1, #bcb8f3);
  --hue-2: var(--weld-hue-2, #9bd8dc);
  --hue-3: var(--weld-hue-3, #f0c690);
  --hue-4: var(--weld-hue-4, #e5b5d5);
  --hue-5: var(--weld-hue-5, #d0d48c);
  --hue-6: var(--weld-hue-6, #a9c6f0);
  --hue-7: var(--weld-hue-7, #dac6a9);
  --hue-8: var(--weld-hue-8, #b5d8c2);
  --grown-1: var(--weld-grown-1, #f8d3cf);
  --grown-2: var(--weld-grown-2, #f1aca5);
  --grown-3: var(--weld-grown-3, #e9857c);
  --shrunk-1: var(--weld-shrunk-1, #cfebd8);
  --shrunk-2: var(--weld-shrunk-2, #9ed7b2);
  --shrunk-3: var(--weld-shrunk-3, #6cc08e);
  --same: var(--weld-same, #e6e8ed);
  --cell-ink: var(--weld-cell-ink, #1a1d26);
  color: var(--ink-colour);
  font: 13px/1.5 var(--weld-font, system-ui, Inter, 'Segoe UI', Roboto, 'Noto Sans', sans-serif);
  font-variant-numeric: tabular-nums;
}
@media (prefers-color-scheme: dark) {
  :host {
    --ink-colour: var(--weld-ink, #e9ebf2);
    --soft-colour: var(--weld-soft, #a0a6b8);
    --ground-colour: var(--weld-ground, #181b23);
    --well-colour: var(--weld-well, #12151c);
    --line-colour: var(--weld-line, #2a2e3a);
    --accent-colour: var(--weld-accent, #a59ffb);
    --good-colour: var(--weld-good, #6ed19a);
    --bad-colour: var(--weld-bad, #f1a09a);
    --hue-0: var(--weld-hue-0, #3a3f4d);
    --hue-1: var(--weld-hue-1, #4a459a);
    --hue-2: var(--weld-hue-2, #1d666d);
    --hue-3: var(--weld-hue-3, #7b5319);
    --hue-4: var(--weld-hue-4, #763e66);
    --hue-5: var(--weld-hue-5, #5a5e20);
    --hue-6: var(--weld-hue-6, #2e518b);
    --hue-7: var(--weld-hue-7, #655234);
    --hue-8: var(--weld-hue-8, #315f46);
    --grown-1: var(--weld-grown-1, #522a28);
    --grown-2: var(--weld-grown-2, #7a3530);
    --grown-3: var(--weld-grown-3, #9d3a33);
    --shrunk-1: var(--weld-shrunk-1, #1f4231);
    --shrunk-2: var(--weld-shrunk-2, #1f5c3e);
    --shrunk-3: var(--weld-shrunk-3, #20734a);
    --same: var(--weld-same, #2d3240);
    --cell-ink: var(--weld-cell-ink, #f3f4f9);
  }
}
* {
  box-sizing: border-box;
}
p, h2, ul, fieldset {
  margin: 0;
  padding: 0;
  border: 0;
}
h2 {
  margin-top: 20px;
  font-size: 15px;
}
a {
  color: var(--accent-colour);
}
strong {
  font-weight: 600;
}
.hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
.muted {
  color: var(--soft-colour);
}
.small {
  font-size: 12px;
}
.more {
  color: var(--bad-colour);
}
.less {
  color: var(--good-colour);
}
.refusal {
  color: var(--bad-colour);
}
.waiting {
  min-height: 300px;
}
.name {
  overflow-wrap: anywhere;
}
.headline {
  font-size: 20px;
  line-height: 1.35;
}
.headline :is(.way, button) {
  font-size: 13px;
}
.cost {
  margin-top: 2px;
}
.way {
  color: var(--soft-colour);
}
.totals {
  margin-top: 6px;
}
.tools {
  display: flex;
  flex-wrap: wrap;
  gap: 8px 14px;
  align-items: center;
  margin: 10px 0 6px;
}
.tools label {
  white-space: nowrap;
}
.tools fieldset {
  display: flex;
  flex-wrap: wrap;
  gap: 4px 12px;
  min-width: 0;
}
.search {
  flex: 1 1 160px;
}
input[type='checkbox'] {
  margin: 0 4px 0 0;
  accent-color: var(--accent-colour);
  vertical-align: -1px;
}
input[type='search'],
select,
button {
  border: 1px solid var(--line-colour);
  border-radius: 6px;
  background: var(--ground-colour);
  color: inherit;
  font: inherit;
}
input[type='search'],
select {
  height: 28px;
  padding: 0 8px;
}
input[type='search'] {
  width: 100%;
  min-width: 120px;
}
button {
  padding: 3px 10px;
  cursor: pointer;
}
button:hover {
  border-color: var(--soft-colour);
}
button.in-row {
  padding: 0;
  border: 0;
  background: none;
  color: var(--accent-colour);
  text-align: left;
}
button.in-row:hover {
  text-decoration: underline;
}
:focus-visible {
  outline: 2px solid var(--accent-colour);
  outline-offset: 1px;
}
.pictures {
  display: flex;
  gap: 4px;
  align-items: center;
  margin-left: auto;
}
.crumbs {
  margin: 4px 0 6px;
}
.crumbs:focus-visible {
  outline-offset: 3px;
}
/* What scrolls cuts off what is drawn around things in it. */
.scroll :focus-visible {
  outline-offset: -2px;
}
.treemap {
  position: relative;
  overflow: hidden;
  border-radius: 5px;
  background: var(--line-colour);
}
.treemap:focus-visible {
  outline-offset: -2px;
}
.cell {
  position: absolute;
  padding: 0 4px;
  overflow: hidden;
  font-size: 11.5px;
  line-height: 16px;
  text-overflow: ellipsis;
  white-space: nowrap;
  cursor: pointer;
}
.cell.inner {
  background: var(--ground-colour);
  font-weight: 600;
}
.cell.inner.depth-2 {
  background: var(--well-colour);
  font-weight: 400;
}
.cell.inner.depth-3 {
  font-weight: 400;
}
.cell.leaf {
  display: flex;
  align-items: flex-start; /* buttons centre what is in them */
  min-height: 0;
  border: 0;
  border-radius: 0;
  color: var(--cell-ink);
  text-align: left;
  text-decoration: none;
}
span.cell.leaf {
  cursor: default;
}
.cell.leaf:empty {
  padding: 0;
}
.cell-label {
  overflow: hidden;
  text-overflow: ellipsis;
}
.cell:focus-visible {
  z-index: 1;
  outline: 2px solid var(--cell-ink);
  outline-offset: -2px;
}
.cell:hover {
  filter: brightness(0.94);
}
@media (prefers-color-scheme: dark) {
  .cell:hover {
    filter: brightness(1.2);
  }
}
${Array.from({ length: 9 }, (_, hue) => `.hue-${hue} { background: var(--hue-${hue}); }`).join('\n')}
${[1, 2, 3].map((n) => `.grown-${n} { background: var(--grown-${n}); }\n.shrunk-${n} { background: var(--shrunk-${n}); }`).join('\n')}
.same {
  background: var(--same);
}
.legend {
  display: flex;
  flex-wrap: wrap;
  gap: 2px 14px;
  margin: 6px 0 10px;
  font-size: 12px;
  list-style: none;
}
.swatch {
  display: inline-block;
  width: 10px;
  height: 10px;
  margin-right: 4px;
  border-radius: 2px;
}
.scroll {
  max-height: var(--weld-table-height, 420px);
  overflow: auto;
  scroll-padding-top: 26px; /* the head of the table stays */
  border: 1px solid var(--line-colour);
  border-radius: 6px;
}
table {
  width: 100%;
  border-collapse: collapse;
}
th, td {
  padding: 3px 10px;
  border-bottom: 1px solid var(--line-colour);
  font-weight: 400;
  text-align: left;
  vertical-align: top;
}
thead th {
  position: sticky;
  top: 0;
  background: var(--ground-colour);
  color: var(--soft-colour);
  font-size: 12px;
  white-space: nowrap;
}
tbody th {
  min-width: 15ch;
}
tbody tr:last-child > * {
  border-bottom: 0;
}
.number {
  text-align: right;
  white-space: nowrap;
}
.more-rows {
  margin: 6px 10px;
}
.memory-bar {
  position: relative;
  height: 34px;
  margin: 8px 0;
  overflow: hidden;
  border-radius: 5px;
  background: var(--well-colour);
}
.memory-bar .cell {
  top: 0;
  bottom: 0;
  line-height: 34px;
}
@media (max-width: 620px) {
  .headline {
    font-size: 15px;
  }
  .pictures {
    margin-left: 0;
  }
  .search {
    flex-basis: 100%;
  }
  th, td {
    padding: 3px 6px;
  }
}
@media (pointer: coarse) {
  .tools label, button.in-row {
    padding-block: 3px;
  }
}
`;
