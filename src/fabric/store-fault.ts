/**
 * What a Level database says when it fails, in the words of the catalogue.
 *
 * LevelDB reports everything below it as text ("IO error: …: No space left on device"), and the libraries
 * above it wrap that text once or twice. So the whole chain of causes is read, and only here.
 */

import type { Fault } from '../actors/index.ts';
import { toFault } from '../actors/index.ts';
import { fabricErrors } from './errors.ts';

/** ENOSPC, EDQUOT and EFBIG: to whoever wants to store something, they are one thing. */
const FULL = /No space left on device|ENOSPC|Disk quota exceeded|EDQUOT|File too large|EFBIG/i;
const LOCKED = /LEVEL_LOCKED|already held by process|lock .*: Resource temporarily unavailable/i;
const CORRUPT = /LEVEL_CORRUPTION|Corruption:/i;
/** Only the innermost reason: a database that cannot be opened is "not open" too. */
const CLOSED = /Database is not open/i;

/** A causes b causes a would never end; no library nests deeper than three. */
const CAUSES_MAX = 8;

/** Faults are returned as they are. Anything unknown becomes `FABRIC_STORE_FAILED` with the reason given. */
export function storeFault(thrown: unknown, path: string): Fault {
  const story = storyOf(thrown);
  const reason = story.at(-1) ?? 'no reason was given';
  const text = story.join('\n');
  const make = () => {
    if (FULL.test(text)) return fabricErrors.FABRIC_STORE_FULL({ path, reason }, thrown);
    if (LOCKED.test(text)) return fabricErrors.FABRIC_STORE_LOCKED({ path }, thrown);
    if (CORRUPT.test(text)) return fabricErrors.FABRIC_STORE_CORRUPT({ path, reason }, thrown);
    if (CLOSED.test(reason)) return fabricErrors.FABRIC_STORE_CLOSED({ path }, thrown);
    return fabricErrors.FABRIC_STORE_FAILED({ path, reason }, thrown);
  };
  return toFault(thrown, make);
}

/**
 * Codes and messages from the outermost error to the innermost; the last line is the most telling message.
 */
function storyOf(thrown: unknown): string[] {
  const story: string[] = [];
  let current = thrown;
  for (let depth = 0; depth < CAUSES_MAX && current !== undefined && current !== null; depth++) {
    if (!(current instanceof Error)) return [...story, String(current)];
    if ('code' in current) story.push(String(current.code));
    story.push(current.message);
    current = current.cause;
  }
  return story;
}
