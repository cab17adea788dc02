/** The door of the kernel. */
export type * from './actor.ts';
export type * from './actor-ref.ts';
export * from './canonical.ts';
export type * from './clock.ts';
export * from './errors.ts';
export type * from './inspection.ts';
export type * from './journal.ts';
export type * from './machine.ts';
export type * from './random.ts';
export type * from './supervision.ts';
export * from './units.ts';
