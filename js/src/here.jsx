// The address of this folder, where Vite’s development server has taken the code elsewhere: see load.ts.
export default import.meta.url;
