// @ts-check
// Packages that the quick tier does not install: other runtimes, other versions of bundlers, another toolchain.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** @param {string} name @returns {Promise<any>} its module */
export const load = (name) => import(name);
/** Where it is. @param {string} name */
export const addressOf = (name) => import.meta.resolve(name);
/** The folder of it. @param {string} name */
export const folderOf = (name) => fileURLToPath(new URL(path.posix.join('node_modules', name), import.meta.url));
