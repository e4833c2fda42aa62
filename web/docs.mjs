// Makes pages of the package's documents, so that the page can be read about where it is served.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { marked } from 'marked';

const here = dirname(fileURLToPath(import.meta.url));
const from = join(here, '../js/docs');
const out = join(here, 'public/docs');

/** As GitHub names them, so that links to headings in the documents work. */
const idOf = (heading) =>
  heading
    .toLowerCase()
    .replaceAll(/<[^>]*>|[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

marked.use({
  renderer: {
    heading({ tokens, depth, text }) {
      return `<h${depth} id="${idOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
    },
    link({ href, tokens }) {
      const own = /^(?!\w+:)([^#]*)\.md(#.*)?$/.exec(href);
      return `<a href="${own ? `${own[1]}.html${own[2] ?? ''}` : href}">${this.parser.parseInline(tokens)}</a>`;
    },
    table({ header, rows }) {
      const row = (cells, tag) =>
        `<tr>${cells.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('')}</tr>`;
      return `<div class="scroll" tabindex="0"><table><thead>${row(header, 'th')}</thead><tbody>${rows.map((cells) => row(cells, 'td')).join('')}</tbody></table></div>`;
    },
  },
});

rmSync(out, { recursive: true, force: true });
const files = readdirSync(from, { recursive: true }).filter((name) => name.endsWith('.md'));
for (const name of files) {
  const text = readFileSync(join(from, name), 'utf8');
  const title = /^# (.*)$/m.exec(text)?.[1]?.replaceAll('`', '') ?? name;
  const file = join(out, name.replace(/\.md$/, '.html'));
  const up = relative(dirname(file), join(here, 'public')) || '.';
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${title}: weld</title>
<link rel="icon" href="${up}/icon.svg" type="image/svg+xml" />
<link rel="stylesheet" href="${up}/docs.css" />
</head>
<body>
<header><a href="${up}/">weld</a>
<nav aria-label="Documents">${files
      .filter((other) => !other.includes('/'))
      .concat('api/index.md')
      .map((other) => {
        const heading = /^# (.*)$/m.exec(readFileSync(join(from, other), 'utf8'))?.[1]?.replaceAll('`', '') ?? other;
        return `<a href="${relative(dirname(file), join(out, other.replace(/\.md$/, '.html')))}">${heading}</a>`;
      })
      .join(' ')}</nav></header>
<main>
${marked.parse(text)}
</main>
</body>
</html>
`,
  );
}
