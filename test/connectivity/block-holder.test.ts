import t from 'tap';
import { serveBlocks } from '../../src/connectivity/block-holder.ts';
import type { BlockAnswer } from '../../src/connectivity/block-protocol.ts';
import type { Channel, ChannelListener, Network, PeerId } from '../../src/connectivity/index.ts';
import type { Cid } from '../../src/fabric/index.ts';

const nextPass = () => new Promise(setImmediate);

/** The holder's end of one channel with room for so many answers, and what it reads from disk. */
function holder(room: number) {
  const sent: BlockAnswer[] = [];
  const read: Cid[] = [];
  let listener!: ChannelListener<Cid>;
  let space = room;
  const channel: Channel<BlockAnswer> = {
    remote: 'asker' as PeerId,
    send(answer) {
      if (space === 0) return 'full';
      space -= 1;
      sent.push(answer);
      return 'accepted';
    },
    close: () => undefined,
  };
  const network = {
    serve: (_: unknown, accept: (channel: Channel<BlockAnswer>) => ChannelListener<Cid>) => {
      listener = accept(channel);
      return () => undefined;
    },
  } as unknown as Network;
  serveBlocks(network, async (cid) => {
    read.push(cid);
    return new Uint8Array(1);
  });
  const drain = (more: number) => {
    space = more;
    listener.drained?.();
  };
  return { listener, sent, read, drain };
}

const cids = ['a', 'b', 'c', 'd', 'e'] as Cid[];

t.test('an asker that takes nothing costs two blocks; it gets the rest when it does', async (t) => {
  const { listener, sent, read, drain } = holder(1);
  listener.received(cids);
  await nextPass();
  t.same([sent.length, read.length], [1, 3], 'one gone, one waiting for room, one read meanwhile');
  drain(10);
  await nextPass();
  t.same(
    sent.map(([cid]) => cid),
    cids,
    'in the order of asking',
  );
  listener.received(['f' as Cid]);
  await nextPass();
  t.equal(sent.length, 6, 'and it goes on');
});

t.test('for an asker that has left, nothing is read any more', async (t) => {
  const { listener, sent, read } = holder(0);
  listener.received(cids);
  await nextPass();
  listener.closed();
  await nextPass();
  t.same([sent.length, read.length], [0, 2]);
});
