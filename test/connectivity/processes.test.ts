/** Hosts in separate processes, on loopback: what only real processes show, killed and stopped by signals. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Address, PeerId } from '../../src/connectivity/index.ts';
import { Recorder, said } from '../conformance/network.ts';
import { loopbackNode } from './loopback-node.ts';
import { bulk, type Command, type Report } from './process-words.ts';

const PROGRAM = join(import.meta.dirname, 'process-node.ts');

interface Node {
  readonly child: ChildProcess;
  readonly peer: PeerId;
  readonly addresses: readonly Address[];
  readonly say: (command: Command) => void;
  /** The first report, past or future, for which `holds` does. */
  readonly report: (holds: (report: Report) => boolean) => Promise<void>;
}

async function start(
  t: Test,
  name: string,
  bootstrap: readonly Address[] = [],
  listen?: string,
): Promise<Node> {
  const key = join(t.testdirName, `${name}.pem`);
  const child = fork(PROGRAM, [key, listen ?? '/ip4/127.0.0.1/tcp/0', ...bootstrap], { stdio: 'inherit' });
  t.teardown(() => kill(child));
  const reports: Report[] = [];
  const waiting = new Set<() => void>();
  child.on('message', (report: Report) => {
    reports.push(report);
    for (const look of [...waiting]) look();
  });
  const report = (holds: (report: Report) => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!reports.some(holds)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  await report(({ type }) => type === 'up');
  const up = reports.find((one) => one.type === 'up')!;
  return {
    child,
    peer: up.peer as PeerId,
    addresses: up.addresses as readonly Address[],
    say: (command) => void child.send(command),
    report,
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

const connectedTo = (peer: string) => (report: Report) => report.type === 'connected' && report.peer === peer;

t.test('five processes hear each other, lose their bootstrap node, and hear each other again', async (t) => {
  t.testdir();
  const boot = await start(t, 'boot');
  const others = await Promise.all([1, 2, 3, 4].map((number) => start(t, `node-${number}`, boot.addresses)));
  await Promise.all(others.map((node) => boot.report(connectedTo(node.peer))));
  await gossipReaches(others, [boot, ...others.slice(1)], 'first');

  await kill(boot.child);
  const listen = boot.addresses[0]!.replace(/\/p2p\/.*$/, '');
  const again = await start(t, 'boot', [], listen);
  t.equal(again.peer, boot.peer, 'the key file makes it the same node');
  await Promise.all(others.map((node) => again.report(connectedTo(node.peer))));
  await gossipReaches(others, [again, ...others.slice(1)], 'second');

  again.say({ type: 'close' });
  const [code] = await once(again.child, 'exit');
  t.equal(code, 0, 'a node that is closed leaves nothing running');
});

/** The first of the nodes says it again until all have heard it: meshes form at heartbeats. */
async function gossipReaches(nodes: readonly Node[], hearers: readonly Node[], text: string): Promise<void> {
  const all = Promise.all(
    hearers.map((node) => node.report((report) => report.type === 'heard' && report.text.startsWith(text))),
  );
  let round = 0;
  let over = false;
  void all.then(() => {
    over = true;
  });
  while (!over) {
    nodes[0]!.say({ type: 'publish', text: `${text} ${round++}` });
    await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 250))]);
  }
}

t.test(
  'a reader that is stopped holds up its sender, whose memory stays bounded; nothing is lost',
  async (t) => {
    t.testdir();
    const reader = await start(t, 'reader');
    const { network } = await loopbackNode(t);
    const side = new Recorder();
    const { signal } = new AbortController();
    const channel = await network.dial(reader.peer, bulk, side, { signal, addresses: reader.addresses });
    reader.child.kill('SIGSTOP');
    const text = 'x'.repeat(10_000);
    let sent = 0;
    const fill = () => {
      while (channel.send(said(text)) === 'accepted') sent += 1;
    };
    // Until a whole second's worth of turns brings no room: what the windows and sockets between take has an
    // end.
    for (let idle = 0; idle < 200; ) {
      const before = sent;
      fill();
      idle = sent === before ? idle + 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    t.ok(sent * text.length < 20_000_000, `${sent} messages were taken`);
    t.equal(channel.send(said(text)), 'full');
    const drains = side.drains;
    reader.child.kill('SIGCONT');
    await side.until(() => side.drains > drains);
    await reader.report((report) => report.type === 'received' && report.count === sent);
    t.equal(channel.send(said(text)), 'accepted');
  },
);

t.test('a peer that is killed is seen to be gone at once', async (t) => {
  t.testdir();
  const peer = await start(t, 'victim');
  const { network } = await loopbackNode(t);
  const side = new Recorder();
  const { signal } = new AbortController();
  const channel = await network.dial(peer.peer, bulk, side, { signal, addresses: peer.addresses });
  channel.send(said('hello'));
  await peer.report((report) => report.type === 'received');
  await kill(peer.child);
  t.equal((await side.ended.promise)?.code, 'CONNECTIVITY_CONNECTION_LOST');
  t.equal(channel.send(said('hello?')), 'closed');
});
