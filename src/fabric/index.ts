/** The door of the fabric layer. */
export type * from './block-store.ts';
export * from './block-tally.ts';
export type * from './capability.ts';
export * from './content-address.ts';
export * from './errors.ts';
export type * from './executor.ts';
export * from './journal-level.ts';
export * from './memory-content-store.ts';
export { contentMatches, outputDigest } from './output-digest.ts';
export type * from './sandbox.ts';
export * from './store-fault.ts';
export * from './task.ts';
export type { WasmSandboxOptions } from './wasm/sandbox.ts';
export { createWasmSandbox } from './wasm/sandbox.ts';
