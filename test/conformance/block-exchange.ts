/** What asking a peer for blocks promises, on every binding of the network. */

import type { Test } from 'tap';
import { systemClock } from '../../src/actors/index.ts';
import { BlockAsker } from '../../src/connectivity/block-asker.ts';
import { serveBlocks } from '../../src/connectivity/block-holder.ts';
import {
  BLOCK_BYTES_MAX,
  BLOCK_PROTOCOL,
  type BlockAnswer,
  UNANSWERED_MAX,
} from '../../src/connectivity/block-protocol.ts';
import type { Channel, Network } from '../../src/connectivity/channel.ts';
import { addressText, type Cid, leafAddress } from '../../src/fabric/index.ts';
import { content } from './content-store.ts';

/** So many networks that can reach each other; they end with the test. */
export type Networks = (t: Test, count: number) => Promise<readonly Network[]>;

const leaf = (name: string, size = 100) => {
  const bytes = content(name, size);
  return { bytes, cid: addressText(leafAddress(bytes)) };
};

/** A peer that answers as the test says. */
function crooked(network: Network, answer: (cid: Cid, channel: Channel<BlockAnswer>) => void): void {
  network.serve(BLOCK_PROTOCOL, (channel) => ({
    received: (cids) => {
      for (const cid of cids) answer(cid, channel);
    },
    closed: () => undefined,
  }));
}

function askerOn(t: Test, network: Network): BlockAsker {
  const asker = new BlockAsker(network, systemClock());
  t.teardown(() => asker.close());
  return asker;
}

export async function blockExchangeConformance(t: Test, name: string, networks: Networks): Promise<void> {
  await giving(t, name, networks);
  await refusing(t, name, networks);
}

async function giving(t: Test, name: string, networks: Networks): Promise<void> {
  await t.test(`${name}: blocks come, and what is not there is said not to be there`, async (t) => {
    const [near, far] = (await networks(t, 2)) as [Network, Network];
    const leaves = Array.from({ length: 3 * UNANSWERED_MAX }, (_, index) => leaf(`${index}`, 50_000));
    const here = new Map(leaves.map(({ cid, bytes }) => [cid, bytes]));
    serveBlocks(far, async (cid) => here.get(cid));
    const asker = askerOn(t, near);
    const missing = asker.ask(far.self, leaf('nowhere').cid);
    const blocks = await Promise.all(leaves.map(({ cid }) => asker.ask(far.self, cid)));
    t.ok(blocks.every((block, index) => Buffer.from(leaves[index]!.bytes).equals(block!)));
    t.equal(await missing, undefined);
  });

  await t.test(`${name}: a block is sent once to many who ask, and again to who asks later`, async (t) => {
    const [near, far] = (await networks(t, 2)) as [Network, Network];
    const { cid, bytes } = leaf('x', BLOCK_BYTES_MAX);
    let reads = 0;
    serveBlocks(far, async () => {
      reads += 1;
      return bytes;
    });
    const asker = askerOn(t, near);
    const both = await Promise.all([1, 2].map(() => asker.ask(far.self, cid)));
    t.ok(both.every((one) => Buffer.from(bytes).equals(one!)));
    t.equal(reads, 1);
    t.ok(Buffer.from(bytes).equals((await asker.ask(far.self, cid))!));
    t.equal(reads, 2);
  });

  await t.test(`${name}: a block that cannot be read, or is too large, is not there`, async (t) => {
    const [near, far] = (await networks(t, 2)) as [Network, Network];
    const large = leaf('large', BLOCK_BYTES_MAX + 1);
    serveBlocks(far, async (cid) => {
      if (cid === large.cid) return large.bytes;
      throw new Error('the disk broke');
    });
    const asker = askerOn(t, near);
    t.equal(await asker.ask(far.self, large.cid), undefined);
    t.equal(await asker.ask(far.self, leaf('x').cid), undefined);
  });
}

async function refusing(t: Test, name: string, networks: Networks): Promise<void> {
  await t.test(`${name}: who is away, serves nothing, or leaves, has nothing`, async (t) => {
    const [near, far, bare] = (await networks(t, 3)) as [Network, Network, Network];
    const asker = askerOn(t, near);
    t.equal(await asker.ask(bare.self, leaf('x').cid), undefined);
    crooked(far, (_, channel) => channel.close());
    t.equal(await asker.ask(far.self, leaf('x').cid), undefined);
    crooked(bare, () => void bare.close());
    t.equal(await asker.ask(bare.self, leaf('x').cid), undefined);
    t.equal(await asker.ask(bare.self, leaf('x').cid), undefined);
  });

  await t.test(`${name}: who sends other bytes, or what was not asked for, is hung up on`, async (t) => {
    const [near, liar, chatterer] = (await networks(t, 3)) as [Network, Network, Network];
    const [asked, other] = [leaf('asked'), leaf('other')];
    const asker = askerOn(t, near);
    crooked(liar, (cid, channel) => void channel.send([cid, other.bytes]));
    t.equal(await asker.ask(liar.self, asked.cid), undefined);
    crooked(chatterer, (_, channel) => void channel.send([other.cid, other.bytes]));
    t.equal(await asker.ask(chatterer.self, asked.cid), undefined);
  });

  await t.test(`${name}: who asks for more than a channel may have unanswered is hung up on`, async (t) => {
    const [near, far] = (await networks(t, 2)) as [Network, Network];
    serveBlocks(far, () => new Promise(() => undefined));
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const listener = {
      received: () => undefined,
      closed: (fault?: { code: string }) => resolve(fault?.code),
    };
    const { signal } = new AbortController();
    const channel = await near.dial(far.self, BLOCK_PROTOCOL, listener, { signal });
    for (let count = 0; count < UNANSWERED_MAX + 2; count++) channel.send(leaf(`${count}`).cid);
    t.equal(await promise, 'CONNECTIVITY_RATE_LIMITED');
  });
}
