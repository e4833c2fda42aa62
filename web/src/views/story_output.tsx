import type { MadeChapter, OutputChapter } from '../inspector/explain';
import { linkerName } from '../inspector/link_story';
import { hrefOf } from '../place';
import { bytesText, plural } from '../text';
import { ItemLink } from './link_to';
import { Name } from './name';
import { hex, Lead, List, number, Symbol } from './story_parts';

/** What the linker's own things are for. */
const purposes: [name: RegExp, purpose: string][] = [
  [
    /^__stack_pointer$/,
    'A global that says where the stack ends now. Functions lower it when they begin and raise it when they end.',
  ],
  [/^__indirect_function_table$/, 'The table with the functions that are called by address.'],
  [/^__wasm_call_ctors$/, 'Calls the constructors of all objects, in their order, before main.'],
  [/^__wasm_init_memory$/, 'Copies the data into the memory when the module starts.'],
  [/^__wasm_apply_/, 'Writes addresses into data that are known only when the module is loaded.'],
  [/^__wasm_init_tls$/, 'Prepares the data of a new thread.'],
  [/\.command_export$/, 'What is exported: it calls the function, and then what has to run at the end.'],
  [/^__heap_base$|^__heap_end$/, 'Says where the heap is, for malloc.'],
  [/^__data_end$/, 'Says where the data ends.'],
  [/^__tls_/, 'Says where the data of the thread is.'],
  [/^__memory_base$|^__table_base$/, 'Says where the module’s part of a shared memory or table begins.'],
  [/^__dso_handle$/, 'Tells this module from others when it registers destructors.'],
  [/signature_mismatch/, 'Stands for a call with a wrong type, and traps.'],
];

export function Made({ things, memory, stack, heap }: MadeChapter) {
  return (
    <>
      <Lead>
        Some things belong to no object, because they depend on all of them. The linker makes the memory:{' '}
        {plural(memory.pages, 'page')} of {number(memory.pageSize)} bytes
        {memory.maxPages > 0 ? `, and at most ${number(memory.maxPages)}` : ', which may grow'}
        {memory.shared && ', shared by threads'}.{' '}
        {things.length > 0 && <>It also makes {plural(things.length, 'thing')} that objects only know by name.</>}
      </Lead>
      <ul class="made">
        {things.map(({ name, kind, value, bytes, calls }) => (
          <li key={`${kind}/${name}`}>
            <h4>
              <ItemLink kind={kind} file={linkerName} name={name} display={name} most={60} />{' '}
              <span class="muted">
                {kind}
                {value !== undefined && <> = {value.replace(/^i(32|64)\.const /, '')}</>}
              </span>
            </h4>
            <p>
              {purposes.find(([pattern]) => pattern.test(name))?.[1] ??
                'Objects refer to it, and the linker defines it.'}{' '}
              {name === '__stack_pointer' && stack && (
                <>
                  It begins at {hex(stack.address + stack.size)}, where the {bytesText(stack.size)} of the stack end,
                  for the stack grows down.
                </>
              )}
              {name.startsWith('__heap') && heap && <>The heap begins at {hex(heap.address)}.</>}
              {calls.length > 0 && (
                <>
                  Here it calls <List of={calls.map((call) => <Symbol name={call} most={50} />)} />.
                </>
              )}{' '}
              {bytes > 0 && <span class="muted">{plural(bytes, 'byte')}</span>}
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}

const sectionWords: Record<string, string> = {
  type: 'the types of functions',
  import: 'what the host must give',
  function: 'the type of each function',
  table: 'the table of functions',
  memory: 'the size of the memory',
  global: 'globals and their first values',
  export: 'what the host may use',
  start: 'the function that runs first',
  elem: 'the functions in the table',
  datacount: 'the number of data segments',
  code: 'the instructions of the functions',
  data: 'the first content of the memory',
  tag: 'the kinds of exceptions',
  name: 'names for people: stack traces and debuggers',
  producers: 'which tools made this',
  target_features: 'what an engine must be able to do',
};
const colourOf = (name: string) =>
  name === 'code'
    ? 'code'
    : name === 'data'
      ? 'data'
      : name === 'name'
        ? 'names'
        : name.startsWith('.debug')
          ? 'debug'
          : 'rest';

export function Written({ size, sections, imports, importCount, exports, exportCount }: OutputChapter) {
  const largest = Math.max(1, ...sections.map(({ bytes }) => bytes));
  return (
    <>
      <Lead>
        The linker writes {plural(sections.length, 'section')}, {number(size)} bytes in all.{' '}
        {importCount > 0 ? (
          <>
            Whoever runs the module must give it{' '}
            <List
              of={imports.slice(0, 4).map(({ name }) => <Name text={name} most={40} />)}
              more={importCount - Math.min(4, imports.length)}
            />
            .{' '}
          </>
        ) : (
          'It needs nothing from its host. '
        )}
        {exportCount > 0 && (
          <>
            It offers{' '}
            <List
              of={exports.slice(0, 4).map(({ name }) => <Name text={name} most={40} />)}
              more={exportCount - Math.min(4, exports.length)}
            />
            .
          </>
        )}
      </Lead>
      <ol class="written">
        {sections.map(({ name, bytes }, i) => (
          <li key={i} style={{ animationDelay: `${i * 45}ms` }}>
            <span class="written-name">
              <Name text={name} most={30} />
            </span>
            <span class="number">{bytesText(bytes)}</span>
            <span class="written-bar" aria-hidden="true">
              <span class={colourOf(name)} style={{ width: `${(100 * bytes) / largest}%` }} />
            </span>
            <span class="muted">
              {sectionWords[name] ?? (name.startsWith('.debug') ? 'for debuggers: lines, types and variables' : '')}
            </span>
          </li>
        ))}
      </ol>
      <p class="told">
        <a href={hrefOf({ view: 'size' })}>Size</a> shows whose these bytes are,{' '}
        <a href={hrefOf({ view: 'sections' })}>Sections</a> shows each of them, and{' '}
        <a href={hrefOf({ view: 'code' })}>Code</a> which line they come from.
      </p>
    </>
  );
}
