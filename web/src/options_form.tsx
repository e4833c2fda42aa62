import type { FormOptions } from './options';

interface Props {
  options: FormOptions;
  setOptions(options: FormOptions): void;
}

type KeysOf<T> = { [K in keyof FormOptions]: FormOptions[K] extends T ? K : never }[keyof FormOptions];

export function OptionsForm({ options, setOptions }: Props) {
  const text = (key: Exclude<KeysOf<string>, 'strip'>, label: string, placeholder: string, disabled = false) => (
    <label class="field">
      <span>{label}</span>
      <input
        type="text"
        spellcheck={false}
        autocomplete="off"
        placeholder={placeholder}
        disabled={disabled}
        value={options[key]}
        onInput={(event) => setOptions({ ...options, [key]: event.currentTarget.value })}
      />
    </label>
  );
  const check = (key: KeysOf<boolean>, label: string) => (
    <label class="check">
      <input type="checkbox" checked={options[key]} onChange={(event) => setOptions({ ...options, [key]: event.currentTarget.checked })} />
      {label}
    </label>
  );
  return (
    <form class="options" onSubmit={(event) => event.preventDefault()}>
      <div class="pair">
        {text('entry', 'Entry function', '_start', options.noEntry)}
        {text('exports', 'Exports', 'run, malloc')}
      </div>
      <div class="pair">
        {text('stackSize', 'Stack size', '65536')}
        {text('initialMemory', 'Initial memory', 'as needed')}
      </div>
      <div class="pair">
        {text('maxMemory', 'Maximum memory', 'none')}
        <label class="field">
          <span>Strip</span>
          <select value={options.strip} onChange={(event) => setOptions({ ...options, strip: event.currentTarget.value as FormOptions['strip'] })}>
            <option value="none">nothing</option>
            <option value="debug">debug information</option>
            <option value="all">names and debug information</option>
          </select>
        </label>
      </div>
      <div class="checks">
        {check('noEntry', 'No entry (a library)')}
        {check('allowUndefined', 'Import what is undefined')}
        {check('gcSections', 'Leave out what is not used')}
        {check('stackFirst', 'Stack before data')}
        {check('importMemory', 'Import the memory')}
        {check('demangle', 'Readable C++ and Rust names')}
      </div>
      {text('more', 'More arguments', '--export-dynamic -O2')}
    </form>
  );
}
