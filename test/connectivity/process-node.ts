/**
 * A node in a process of its own, for `processes.test.ts`: it joins, listens to one topic, counts what
 * arrives on one protocol, and reports all of it to its parent.
 */

import { systemClock, systemRandom } from '../../src/actors/index.ts';
import { type Address, joinLibp2p, loadIdentity } from '../../src/connectivity/index.ts';
import { bulk, type Command, type Report, TOPIC } from './process-words.ts';

const [keyPath = '', listen = '', ...bootstrap] = process.argv.slice(2);

const report = (one: Report) => void process.send?.(one);
const clock = systemClock();

const { host, network } = await joinLibp2p({
  identity: await loadIdentity({ path: keyPath, create: true }),
  listen: [listen as Address],
  bootstrap: bootstrap as Address[],
  mdns: false,
  dht: false,
  clock,
  random: systemRandom(),
});

host.addEventListener('peer:connect', ({ detail }) => report({ type: 'connected', peer: detail.toString() }));
network.subscribe(
  TOPIC,
  () => 'accept',
  ({ bytes }) => report({ type: 'heard', text: Buffer.from(bytes).toString() }),
);

let received = 0;
network.serve(bulk, () => ({
  received: (messages) => {
    received += messages.length;
    report({ type: 'received', count: received });
  },
  closed: () => undefined,
}));

process.on('message', (command: Command) => {
  if (command.type === 'publish') void network.publish(TOPIC, Buffer.from(command.text));
  else void network.close().then(() => process.disconnect());
});

report({ type: 'up', peer: network.self, addresses: network.addresses() });
