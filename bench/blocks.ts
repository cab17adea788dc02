/**
 * How fast one large content goes from process to process: bitswap, hashed, stored in Level on both sides.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { multiaddr } from '@multiformats/multiaddr';
import { MIB, systemClock } from '../src/actors/index.ts';
import { openBlocks } from '../src/connectivity/index.ts';
import type { Cid } from '../src/fabric/index.ts';
import { bareNode } from '../test/connectivity/bare-node.ts';
import type { BenchLine } from './line.ts';

const CONTENT_BYTES = 64 * MIB;
const ATTEMPT_MS_MAX = 60_000;

export async function run(): Promise<BenchLine[]> {
  const home = await mkdtemp(join(tmpdir(), 'conun-bench-blocks-'));
  const peer = fork(join(import.meta.dirname, 'blocks-peer.ts'), [
    join(home, 'there'),
    String(CONTENT_BYTES),
  ]);
  const clock = systemClock();
  const libp2p = await bareNode();
  const path = join(home, 'here');
  const blocks = await openBlocks({ libp2p, path, quotaBytes: 2 * CONTENT_BYTES, clock });
  try {
    const [{ address, cid }] = (await once(peer, 'message')) as [{ address: string; cid: Cid }];
    await libp2p.dial(multiaddr(address));
    const began = clock.monotonic();
    await blocks.get(cid, { bytesMax: CONTENT_BYTES, signal: AbortSignal.timeout(ATTEMPT_MS_MAX) });
    const seconds = (clock.monotonic() - began) / 1_000;
    return [{ name: 'blocks.throughput', value: CONTENT_BYTES / 1e6 / seconds, unit: 'MB/s' }];
  } finally {
    await blocks.close();
    await libp2p.stop();
    const gone = once(peer, 'exit');
    peer.kill();
    await gone;
    await rm(home, { recursive: true, force: true });
  }
}
