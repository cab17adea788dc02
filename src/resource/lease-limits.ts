/**
 * The bounds of the lease protocol, and how they hang together. Both sides keep them, so neither has to trust
 * the other to.
 */

import { KIB, MIB } from '../actors/index.ts';
import type { Bytes, Milliseconds } from '../actors/index.ts';

/** Largest message. Outputs above 32 KiB travel as blocks, so a message is many small things. */
export const MESSAGE_BYTES_MAX: Bytes = 4 * MIB;

/**
 * Tasks or returns in one bundle. At a hundred the cost of a signature and a write is already spread thin;
 * five hundred keep the memory for one message small.
 */
export const BUNDLE_TASKS_MAX = 512;

/**
 * Outcomes wait this long for others while the lease has tasks under way. A bundle costs all processes
 * together about 3 ms of a processor, whatever is in it; with tasks of 10 ms half a second takes 2 % less of
 * the grid than a quarter.
 */
export const GATHER_MS: Milliseconds = 500;

/** A bundle is cut here by estimate: half a message, so that the estimate may be off by two. */
export const BUNDLE_BYTES_MAX: Bytes = 2 * MIB;

/** One return: what the executor leaves inline, well inside a bundle. */
export const RETURN_BYTES_MAX: Bytes = 1 * MIB;

/**
 * Assignments under one lease that are not acknowledged: the list of an `attach` must fit into a message
 * (16 384 ids of at most 96 characters are 1.6 MiB).
 */
export const LEASE_TASKS_MAX = 16_384;

/** So that an id with the desk's prefix stays within the fabric's 128. */
export const TASK_ID_CHARS_MAX = 96;

/** Slots of one lease: the largest machine anyone lends whole. */
export const LEASE_SLOTS_MAX = 1_024;

/** Programs that an offer may name as already present. */
export const OFFER_PROGRAMS_MAX = 32;

/**
 * Bytes waiting in a channel before it says `full`: two messages, so that one can be built while one leaves.
 */
export const OUTBOUND_BYTES_MAX: Bytes = 2 * MESSAGE_BYTES_MAX;

/** A gigabit link's worth of half; a peer that sends faster than this is not returning work. */
export const INBOUND_BYTES_PER_SECOND_MAX: Bytes = 64 * MIB;

/**
 * One lease has one stream; one more while a broken one is still being noticed, and one to be refused
 * politely.
 */
export const STREAMS_PER_PEER_MAX = 3;

/** Standard output, which travels inline. */
export const STDOUT_BYTES_MAX: Bytes = 512 * KIB;

/** The fabric's bound on a failed task's standard error. */
export const STDERR_CHARS_MAX = 4_096;

/** Sentences for people: of a failed task, and of the end of a lease. */
export const MESSAGE_CHARS_MAX = 1_024;
export const REASON_CHARS_MAX = 512;

/** What connectivity allows a code of a fault. */
export const CODE_CHARS_MAX = 64;

/** Names are what costs here, as contents beyond this count would not fit into a bundle inline. */
export const FILES_MAX = 1_024;

/** Parameters of a program; whoever has more puts them into a file. */
export const ARGS_MAX = 256;
export const ARG_CHARS_MAX = 4_096;
