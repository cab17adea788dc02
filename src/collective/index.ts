/** The door of the collective layer. */
export * from './announcement.ts';
export * from './announcer.ts';
export type * from './batch.ts';
export * from './broker-actor.ts';
export type * from './broker-mail.ts';
export { collectiveErrors } from './errors.ts';
export { provenanceOf } from './provenance.ts';
export { readResults } from './result-rows.ts';
export { unitSeed } from './task-name.ts';
export { type BatchDeal, type TreasuryMail, type TreasuryOptions, treasury } from './treasury.ts';
