/** How much memory there is, how much others could still get, and how much of it is ours. */

import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import type { Bytes } from '../actors/index.ts';
import type { MemoryReading } from './reading.ts';

/** A sandbox has a few processes; a longer list is no tree of ours, and is not walked to its end. */
const PROCESSES_MAX = 256;

/** Inside a container the limit of its control group is the machine's memory. */
export function memoryBytesTotal(): Bytes {
  const limit = process.constrainedMemory() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

export async function readMemory(): Promise<MemoryReading> {
  return {
    kind: 'memory',
    bytesTotal: memoryBytesTotal(),
    bytesAvailable: Math.min(freemem(), process.availableMemory()),
    bytesOurs: residentBytes(process.pid),
  };
}

/**
 * Of a process and those below it where `/proc` tells them (Linux), else of this process alone. At once: the
 * kernel answers from memory, and five trips to the thread pool a file cost more than the reading.
 */
export function residentBytes(root: number, proc = '/proc'): Bytes {
  const open = [root];
  let bytes = 0;
  for (let seen = 0; open.length > 0 && seen < PROCESSES_MAX; seen++) {
    const pid = open.pop()!;
    try {
      const status = readFileSync(`${proc}/${pid}/status`, 'utf8');
      bytes += Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024;
      const children = readFileSync(`${proc}/${pid}/task/${pid}/children`, 'utf8');
      open.push(...children.split(' ').filter(Boolean).map(Number));
    } catch {
      // It ended while we looked, or this is not Linux.
    }
  }
  return bytes === 0 ? process.memoryUsage.rss() : bytes;
}
