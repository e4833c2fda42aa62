/** The last name of a path, of whatever system it is. */
export const baseName = (path: string) => path.split(/[\\/]/).at(-1)!;
