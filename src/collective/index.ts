/** The door of the collective layer. */
export type * from './batch.ts';
export type * from './broker-mail.ts';
