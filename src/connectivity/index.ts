/** The door of the connectivity layer. */
export type * from './channel.ts';
export type * from './signer.ts';
