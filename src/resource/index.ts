/** The door of the resource layer. */
export type * from './lease-holder.ts';
export type * from './lease-wire.ts';
