/** Contents held by several processes, of which one is killed and one is stopped while they are fetched. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { KIB, MIB, systemClock } from '../../src/actors/index.ts';
import { type Blocks, openBlocks, type PeerId } from '../../src/connectivity/index.ts';
import type { Cid } from '../../src/fabric/index.ts';
import { content } from '../conformance/content-store.ts';
import { loopbackNode, untilConnected } from './loopback-node.ts';

const PROGRAM = join(import.meta.dirname, 'holder-node.ts');

/** Less than it takes to find out that a connected peer has fallen silent. */
const IN_TIME_MS = 8_000;

interface Held {
  readonly cid: Cid;
  readonly bytes: Uint8Array;
  readonly peer: PeerId;
}

interface Holder {
  readonly child: ChildProcess;
  readonly peer: PeerId;
  readonly address: string;
  readonly make: (name: string, size: number) => Promise<Held>;
}

async function holder(t: Test, name: string): Promise<Holder> {
  const child = fork(PROGRAM, [join(t.testdirName, name)], { stdio: 'inherit' });
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  const [{ peer, addresses }] = await once(child, 'message');
  const make = async (what: string, size: number): Promise<Held> => {
    child.send({ name: what, bytes: size });
    const [cid] = await once(child, 'message');
    return { cid, bytes: content(what, size), peer };
  };
  return { child, peer, address: addresses[0], make };
}

/** A store that is connected to so many holders. */
async function among(t: Test, count: number): Promise<{ blocks: Blocks; holders: Holder[] }> {
  t.testdir();
  const names = Array.from({ length: count }, (_, index) => `holder-${index}`);
  const holders = await Promise.all(names.map((name) => holder(t, name)));
  const bootstrap = holders.map(({ address }) => address as never);
  const { host, network } = await loopbackNode(t, { bootstrap });
  const path = join(t.testdirName, 'here');
  const blocks = await openBlocks({
    libp2p: host,
    network,
    path,
    quotaBytes: 64 * MIB,
    clock: systemClock(),
  });
  t.teardown(() => blocks.close());
  await Promise.all(holders.map(({ peer }) => untilConnected(host, peer)));
  return { blocks, holders };
}

const get = (blocks: Blocks, { cid, bytes, peer }: Held, signal: AbortSignal) =>
  blocks.get(cid, { bytesMax: bytes.length, signal, from: peer });

t.test('whoever dies or falls silent holds up nobody else', { timeout: 120_000 }, async (t) => {
  const { blocks, holders } = await among(t, 4);
  const [killed, stopped, ...alive] = holders as [Holder, Holder, ...Holder[]];
  const all: Held[] = [];
  for (const one of holders)
    for (let n = 0; n < 10; n++) all.push(await one.make(`${one.peer} ${n}`, 40 * KIB));
  all.push(await alive[0]!.make('large', 5 * MIB));
  const { signal } = new AbortController();
  const first = new Set(holders.map(({ peer }) => all.find((held) => held.peer === peer)!));
  for (const held of first) t.same(await get(blocks, held, signal), held.bytes);

  killed.child.kill('SIGKILL');
  stopped.child.kill('SIGSTOP');
  const rest = all.filter((held) => !first.has(held));
  const lost = rest.filter(({ peer }) => peer === killed.peer);
  const gone = lost.map((held) =>
    t.rejects(get(blocks, held, signal), { code: 'FABRIC_BLOCK_MISSING', retry: true }),
  );
  const silent = new AbortController();
  const held = rest.filter(({ peer }) => peer === stopped.peer);
  const waiting = Promise.allSettled(held.map((one) => get(blocks, one, silent.signal)));
  const inTime = AbortSignal.timeout(IN_TIME_MS);
  await Promise.all(
    rest
      .filter(({ peer }) => alive.some((one) => one.peer === peer))
      .map(async (one) => t.ok(Buffer.from(await get(blocks, one, inTime)).equals(one.bytes))),
  );
  await Promise.all(gone);
  silent.abort();
  await waiting;
});
