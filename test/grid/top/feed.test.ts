import t from 'tap';
import { type Inspection, simulatedClock } from '../../../src/actors/index.ts';
import { startFeed } from '../../../src/grid/top/feed.ts';
import type { TopEvent } from '../../../src/grid/top/view-model.ts';
import { serveFake } from '../api-fixture.ts';

/** The events of a feed, one after the other as they are asked for. */
function heard() {
  const events: TopEvent[] = [];
  let wake: () => void = () => undefined;
  const tell = (event: TopEvent): void => {
    events.push(event);
    wake();
  };
  const next = async (wanted: TopEvent['type']): Promise<TopEvent> => {
    for (;;) {
      const at = events.findIndex((event) => event.type === wanted);
      if (at >= 0) return events.splice(at, 1)[0]!;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { events, tell, next };
}

t.test('a snapshot comes at once, then each second, and whenever it is asked for', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  const clock = simulatedClock(0);
  const { tell, next } = heard();
  const feed = startFeed(client, clock, tell);
  t.teardown(() => feed.end());
  t.match(await next('snapshot'), { snapshot: { node: { name: 'fake' }, credit: { tasks: 12 } } });
  await new Promise(setImmediate);
  node.runningTasks = [];
  clock.advance(1_000);
  t.match(await next('snapshot'), { snapshot: { tasks: [] } });
  feed.refresh();
  await next('snapshot');
});

t.test('inspection is handed on as it comes', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  const { tell, next } = heard();
  const feed = startFeed(client, simulatedClock(0), tell);
  t.teardown(() => feed.end());
  node.emit({ topic: 'task.started' });
  const event = (await next('inspection')) as { event: Inspection };
  t.equal(event.event.topic, 'task.started');
});

t.test('a daemon that goes away is told, and looked for again', async (t) => {
  const served = await serveFake(t.teardown);
  const clock = simulatedClock(0);
  const { tell, next } = heard();
  const feed = startFeed(served.client, clock, tell);
  t.teardown(() => feed.end());
  await next('snapshot');
  await served.server.close();
  await new Promise(setImmediate);
  clock.advance(1_000);
  t.match(await next('lost'), { reason: /No daemon answers|closed the connection/ });
});

t.test('after its end nothing is told', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  const clock = simulatedClock(0);
  const { events, tell, next } = heard();
  const feed = startFeed(client, clock, tell);
  await next('snapshot');
  while (node.followers === 0) await new Promise(setImmediate);
  events.length = 0;
  feed.refresh();
  feed.end();
  while (node.followers > 0) await new Promise(setImmediate);
  node.emit({ topic: 'late' });
  clock.advance(10_000);
  // What the refresh had asked for is answered before this is.
  for (let question = 0; question < 10; question++) await client.batches();
  t.same(events, []);
});
