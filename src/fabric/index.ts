/** The door of the fabric layer. */
export type * from './block-store.ts';
export type * from './capability.ts';
export { fabricErrors } from './errors.ts';
export type * from './executor.ts';
export { contentMatches, outputDigest } from './output-digest.ts';
export type * from './sandbox.ts';
export * from './task.ts';
