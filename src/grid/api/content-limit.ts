/**
 * How much one piece of content may hold: the server refuses more, and the client does not begin to send it.
 */

import { type Bytes, MIB } from '../../actors/index.ts';

/** One piece is in memory while it is stored; this much fits beside a working node on a small machine. */
export const CONTENT_BYTES_MAX: Bytes = 256 * MIB;
