import t from 'tap';
import { UnitFeed } from '../../src/collective/unit-feed.ts';
import type { UnitSource } from '../../src/collective/batch.ts';
import { counting } from './fakes/broker-world.ts';
import { sampleSpec } from './fakes/samples.ts';

t.test('units come in order, then null', async (t) => {
  const feed = new UnitFeed(counting(5), sampleSpec());
  const seen: (number | null)[] = [];
  for (;;) {
    const drawn = await feed.ask(0);
    feed.answered();
    seen.push(drawn?.length ?? null);
    if (!drawn) break;
  }
  t.same(seen, [3, 2, null]);
});

t.test('one request is under way at a time', async (t) => {
  const feed = new UnitFeed(counting(5), sampleSpec());
  const first = feed.ask(0);
  t.equal(feed.ask(0), undefined);
  await first;
  feed.answered();
  t.ok(feed.ask(0));
});

t.test('after a fault it is drawn anew from where the batch is', async (t) => {
  const from: number[] = [];
  const source: UnitSource = {
    draw: (spec, at) => {
      from.push(at);
      return counting(9).draw(spec, at);
    },
  };
  const feed = new UnitFeed(source, sampleSpec());
  await feed.ask(0);
  feed.answered();
  feed.reset();
  await feed.ask(3);
  t.same(from, [0, 3]);
});

t.test('the source learns that nobody reads on', async (t) => {
  let returned = false;
  const source: UnitSource = {
    async *draw() {
      try {
        yield [];
      } finally {
        returned = true;
      }
    },
  };
  const feed = new UnitFeed(source, sampleSpec());
  await feed.ask(0);
  feed.close();
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(returned, true);
});
