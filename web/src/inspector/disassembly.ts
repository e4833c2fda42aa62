// A function as text: its instructions with the names of what they refer to. An object's relocations say what its numbers
// will be; those of an output's function are found in the object that it came from.
import type { Inspection } from 'wasm-weld';
import { readBody, type Instruction, type Space } from './instructions';
import { functionExtent, relocationsIn, type RelocationMark } from './structure';

export interface Disassembly {
  lines: DisassembledLine[];
  /** Of the file. */
  truncated: boolean;
}
export interface DisassembledLine {
  /** The bytes in the file: of the head, those of the locals. */
  begin: number;
  end: number;
  /** An instruction, indented; all of it, or what is before the symbol. */
  text: string;
  /** What it refers to: the name of a symbol, as in the object. */
  symbol?: string;
  /** Where it begins in the file, when it is defined there. */
  at?: number | undefined;
  /** The same as people read it, with an addend. */
  display?: string;
  /** What is behind the symbol. */
  rest?: string;
  /** The bytes that the linker fills in, or has filled in. */
  marks?: { begin: number; end: number }[];
  /** Reading ended here. */
  unknown?: boolean;
}

/** The function in an object that a function of the output was, byte for byte except for what was filled in. */
export interface Origin {
  inspection: Inspection;
  /** Where its body begins. */
  begin: number;
}

const mostLines = 20_000;
const opens = new Set(['block', 'loop', 'if', 'try', 'try_table']);
const turns = new Set(['else', 'catch', 'catch_all']);
const short = (text: string) => text.slice(0, 2000);

export function disassemble(inspection: Inspection, index: number, origin?: Origin): Disassembly {
  const row = index < inspection.functions.length ? inspection.functions.get(index) : undefined;
  if (row?.offset === undefined || row.size === undefined) return { lines: [], truncated: false };
  const { offset, size } = row;
  const body = readBody(inspection.bytes.subarray(offset, offset + size));
  // Those of the object that it came from are at the same places.
  const shift = origin ? offset - origin.begin : 0;
  const relocations = relocationsIn(origin?.inspection ?? inspection, offset - shift, offset - shift + size);

  const name = inspection.functions.name(index) ?? `function ${index}`;
  const lines: DisassembledLine[] = [
    {
      begin: offset,
      end: offset + (body.instructions[0]?.begin ?? body.end),
      text: 'func ',
      symbol: short(name),
      at: offset,
      display: short(inspection.functions.display(index) ?? name),
      rest: ` ${row.type ?? ''}${body.locals.length > 0 ? `  locals: ${localsText(body.locals)}` : ''}`,
    },
  ];
  const labels: number[] = [];
  let made = 0;
  for (const instruction of body.instructions) {
    if (lines.length === mostLines) return { lines, truncated: true };
    const isEnd = instruction.name === 'end' || instruction.name === 'delegate';
    if (isEnd) labels.pop();
    const depth = labels.length - (turns.has(instruction.name) ? 1 : 0);
    if (opens.has(instruction.name)) labels.push(++made);
    lines.push(lineOf(instruction, '  '.repeat(Math.min(depth, 40) + 1)));
  }
  if (body.end < size)
    lines.push({
      begin: offset + body.end,
      end: offset + size,
      text: '  … an instruction that is not known here',
      unknown: true,
    });
  return { lines, truncated: false };

  function lineOf(instruction: Instruction, indent: string): DisassembledLine {
    const [begin, end] = [offset + instruction.begin, offset + instruction.end];
    const here = relocations.filter((mark) => mark.begin + shift >= begin && mark.begin + shift < end);
    const line: DisassembledLine = {
      begin,
      end,
      text: '',
      ...(here.length > 0 ? { marks: here.map((mark) => ({ begin: mark.begin + shift, end: mark.end + shift })) } : {}),
    };
    const at = (place: number) => here.find((mark) => mark.begin + shift === offset + place);
    // The parts of the text, one of which may be a link.
    const parts = `${instruction.name}${instruction.operands === '' ? '' : ` ${instruction.operands}`}`.split('\0');
    let text = indent + parts[0]!;
    let link: Link | undefined;
    instruction.references.forEach(({ space, index: to, at: place }, i) => {
      const mark = at(place);
      const found = linkOf(inspection, space, to, mark);
      const next = parts[i + 1]!;
      if (found && !link && space !== 'type') {
        link = found;
        line.text = text;
        text = next;
      } else text += (found?.display ?? String(to)) + next;
    });
    const number = instruction.number;
    const mark = number && at(number.at);
    if (mark?.name !== undefined && !link) {
      link = addressLink(mark);
      const where = text.indexOf('\x01');
      // An object's number is not yet one; the output's is.
      const value = origin ? `${number!.text} = ` : '';
      line.text = where < 0 ? `${text} offset=${value}` : text.slice(0, where) + value;
      text = where < 0 ? '' : text.slice(where + 1);
    } else if (number) text = text.replace('\x01', number.text);
    if (!link) return { ...line, text: text + labelOf(instruction) };
    return {
      ...line,
      symbol: short(link.symbol),
      at: link.at,
      display: short(link.display),
      ...(text === '' ? {} : { rest: text }),
    };
  }

  /** Which block a branch leaves, and which one begins here. */
  function labelOf({ name, operands }: Instruction): string {
    if (opens.has(name)) return `  @${labels.at(-1)}`;
    if (!/^br(_if|_on_null|_on_non_null)?$/.test(name)) return '';
    const to = labels[labels.length - 1 - Number(operands)];
    return to === undefined ? '' : `  @${to}`;
  }
}

function localsText(groups: { count: number; type: string }[]): string {
  return groups
    .slice(0, 20)
    .map(({ count, type }) => (count === 1 ? type : `${count} ${type}`))
    .join(', ');
}

interface Link {
  symbol: string;
  at?: number | undefined;
  display: string;
}

/** What a number of a space stands for. */
function linkOf(
  inspection: Inspection,
  space: Space,
  index: number,
  mark: RelocationMark | undefined,
): Link | undefined {
  if (space === 'type') return { symbol: '', display: inspection.types[index]?.text ?? String(index) };
  if (space === 'function') {
    const { functions } = inspection;
    const name = index < functions.length ? functions.name(index) : undefined;
    if (name !== undefined)
      return {
        symbol: name,
        at: functionExtent(inspection, index)?.begin,
        display: functions.display(index) ?? name,
      };
  }
  const list = space === 'global' ? inspection.globals : space === 'tag' ? inspection.tags : undefined;
  const named: { name?: string; display?: string } | undefined = list?.[index];
  if (named?.name !== undefined) return { symbol: named.name, display: named.display ?? named.name };
  // A global that holds an address has no name but that of its relocation.
  if (space === 'table' || mark?.name === undefined) return undefined;
  return { symbol: mark.name, at: mark.at, display: mark.display ?? mark.name };
}

function addressLink({ name, display, type, addend, at }: RelocationMark): Link {
  const pointer = type.startsWith('R_WASM_TABLE') ? '' : '&';
  const more = addend === 0 ? '' : addend > 0 ? ` + ${addend}` : ` - ${-addend}`;
  return { symbol: name!, at, display: `${pointer}${display ?? name}${more}` };
}
