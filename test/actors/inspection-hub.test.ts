import t from 'tap';
import { type Inspection, simulatedClock } from '../../src/actors/index.ts';
import { InspectionHub } from '../../src/actors/inspection-hub.ts';

t.test('each listener gets each event, with who and when filled in', async (t) => {
  const clock = simulatedClock(7);
  const first: Inspection[] = [];
  const second: Inspection[] = [];
  const hub = new InspectionHub(clock, [(event) => void first.push(event)]);
  hub.emit('/a', { topic: 'task.started' });
  const end = hub.subscribe((event) => void second.push(event));
  hub.emit('/b', { topic: 'task.ended', path: '/elsewhere', at: 3 });
  end();
  hub.emit('/c', { topic: 'task.started' });
  t.same(first, [
    { topic: 'task.started', path: '/a', at: 7 },
    { topic: 'task.ended', path: '/elsewhere', at: 3 },
    { topic: 'task.started', path: '/c', at: 7 },
  ]);
  t.same(second, [first[1]]);
});

t.test('nobody listens until somebody does', async (t) => {
  const hub = new InspectionHub(simulatedClock(0), []);
  t.equal(hub.listening, false);
  const end = hub.subscribe(() => {});
  t.equal(hub.listening, true);
  end();
  t.equal(hub.listening, false);
});

t.test('a listener that throws is dropped, and the others learn of it', async (t) => {
  const topics: string[] = [];
  const hub = new InspectionHub(simulatedClock(0), [
    () => {
      throw new TypeError('broken screen');
    },
    ({ topic, details }) => void topics.push(`${topic} ${details?.['reason'] ?? ''}`),
  ]);
  hub.emit('/a', { topic: 'x' });
  hub.emit('/a', { topic: 'y' });
  t.same(topics, ['inspector.dropped broken screen', 'x ', 'y ']);
});
