// The map as a picture, drawn from its cells: as SVG text, and on a canvas, since a page's policy may forbid to load an SVG
// as an image.
import { hasLabel, type Cell } from './tree_map';
import { shown } from './text';

export interface Painted {
  cell: Cell;
  fill: string;
  ink: string;
}

export interface Picture {
  width: number;
  height: number;
  title: string;
  ground: string;
  ink: string;
  cells: Painted[];
}

const titleHeight = 26;
const font = '11.5px system-ui, sans-serif';
const titleFont = '600 14px system-ui, sans-serif';
/** Of a letter on average: labels of pictures are clipped by it where nothing measures text. */
const letterWidth = 6.4;

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function labelOf(cell: Cell): string {
  if (!hasLabel(cell)) return '';
  const text = shown(cell.node.label, 60);
  const most = Math.floor((cell.width - 8) / letterWidth);
  return text.length <= most ? text : most > 3 ? `${text.slice(0, most - 1)}…` : '';
}

export function svgOf({ width, height, title, ground, ink, cells }: Picture): string {
  const rows = cells.map(({ cell, fill, ink: text }) => {
    const label = labelOf(cell);
    const about = `<title>${escaped(shown(cell.node.display, 200))}: ${cell.node.bytes} bytes</title>`;
    const box = `<rect x="${cell.x}" y="${cell.y + titleHeight}" width="${cell.width}" height="${cell.height}" fill="${fill}">${about}</rect>`;
    return label === ''
      ? box
      : `${box}<text x="${cell.x + 4}" y="${cell.y + titleHeight + 12}" fill="${text}"${cell.isFrame ? ' font-weight="600"' : ''}>${escaped(label)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + titleHeight}" viewBox="0 0 ${width} ${height + titleHeight}" font-family="system-ui, sans-serif" font-size="11.5">`,
    `<rect width="${width}" height="${height + titleHeight}" fill="${ground}"/>`,
    `<text x="4" y="18" font-size="14" font-weight="600" fill="${ink}">${escaped(title)}</text>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}

/** At twice the size, for screens with small pixels. */
export async function pngOf({ width, height, title, ground, ink, cells }: Picture): Promise<Blob> {
  const scale = 2;
  const canvas = document.createElement('canvas');
  canvas.width = width * scale;
  canvas.height = (height + titleHeight) * scale;
  const context = canvas.getContext('2d')!;
  context.scale(scale, scale);
  context.fillStyle = ground;
  context.fillRect(0, 0, width, height + titleHeight);
  context.fillStyle = ink;
  context.font = titleFont;
  context.fillText(title, 4, 18, width - 8);
  for (const { cell, fill, ink: text } of cells) {
    context.fillStyle = fill;
    context.fillRect(cell.x, cell.y + titleHeight, cell.width, cell.height);
    const label = labelOf(cell);
    if (label === '') continue;
    context.fillStyle = text;
    context.font = cell.isFrame ? `600 ${font}` : font;
    context.fillText(label, cell.x + 4, cell.y + titleHeight + 12, cell.width - 6);
  }
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))), 'image/png'),
  );
}

export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
