/** The door of the application layer. */
export type * from './task-api.ts';
