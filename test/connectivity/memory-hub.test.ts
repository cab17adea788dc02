import t from 'tap';
import { seededRandom, simulatedClock } from '../../src/actors/index.ts';
import type { PeerId } from '../../src/connectivity/index.ts';
import { MemoryHub } from '../../src/connectivity/memory-hub.ts';

const [a, b, c] = ['a', 'b', 'c'] as PeerId[] as [PeerId, PeerId, PeerId];
const newHub = () => new MemoryHub({ clock: simulatedClock(0), random: seededRandom('hub') });

t.test('partitions add up, work both ways, and end together', (t) => {
  const hub = newHub();
  hub.partition([a], [b]);
  hub.partition([c], [b]);
  t.same(
    [hub.reachable(a, b), hub.reachable(b, a), hub.reachable(b, c), hub.reachable(a, c)],
    [false, false, false, true],
  );
  hub.heal();
  t.ok(hub.reachable(a, b) && hub.reachable(b, c));
  t.end();
});

t.test('who joins again after a crash is another node, and the crash of the old one is over', (t) => {
  const hub = newHub();
  const first = hub.join(a);
  hub.crash(a, false);
  t.equal(first.up, false);
  const second = hub.join(a);
  hub.remove(first);
  t.equal(hub.nodes.get(a), second);
  hub.crash(b, false);
  t.end();
});
