/**
 * How fast one large content goes from process to process: asked from whoever has it, hashed, stored in Level
 * on both sides.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIB, systemClock } from '../src/actors/index.ts';
import type { Address, PeerId } from '../src/connectivity/index.ts';
import type { Cid } from '../src/fabric/index.ts';
import { blocksNode } from './blocks-node.ts';
import type { BenchLine } from './line.ts';

const CONTENT_BYTES = 64 * MIB;
const ATTEMPT_MS_MAX = 60_000;

interface Offered {
  readonly peer: PeerId;
  readonly addresses: readonly Address[];
  readonly cid: Cid;
}

export async function run(): Promise<BenchLine[]> {
  const home = await mkdtemp(join(tmpdir(), 'conun-bench-blocks-'));
  const peer = fork(join(import.meta.dirname, 'blocks-peer.ts'), [
    join(home, 'there'),
    String(CONTENT_BYTES),
  ]);
  const clock = systemClock();
  const [{ peer: from, addresses, cid }] = (await once(peer, 'message')) as [Offered];
  const { blocks, close } = await blocksNode(join(home, 'here'), 2 * CONTENT_BYTES, addresses);
  try {
    const began = clock.monotonic();
    const signal = AbortSignal.timeout(ATTEMPT_MS_MAX);
    await blocks.get(cid, { bytesMax: CONTENT_BYTES, signal, from });
    const seconds = (clock.monotonic() - began) / 1_000;
    return [{ name: 'blocks.throughput', value: CONTENT_BYTES / 1e6 / seconds, unit: 'MB/s' }];
  } finally {
    await close();
    const gone = once(peer, 'exit');
    peer.kill();
    await gone;
    await rm(home, { recursive: true, force: true });
  }
}
