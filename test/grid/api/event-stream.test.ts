import { PassThrough } from 'node:stream';
import t from 'tap';
import { EventStream } from '../../../src/grid/api/event-stream.ts';

t.test('a reader that stalls loses the oldest lines, is told how many, and then is up to date', async (t) => {
  const out = new PassThrough({ highWaterMark: 64 });
  const stream = new EventStream(out);
  for (let number = 0; number < 5_000; number++) stream.send({ topic: 'tick', details: { number } });
  const lines: string[] = [];
  const all = new Promise<void>((resolve) => {
    out.on('data', (chunk: Buffer) => {
      lines.push(...chunk.toString().trimEnd().split('\n'));
      if (lines.at(-1)!.includes('4999')) resolve();
    });
  });
  await all;
  const events = lines.map((line) => JSON.parse(line));
  const dropped = events.filter((event) => event.topic === 'stream.dropped');
  t.equal(dropped.length, 1);
  const ticks = events.filter((event) => event.topic === 'tick').map((event) => event.details.number);
  t.equal(ticks.length + dropped[0].details.lines, 5_000, 'each line came or was counted');
  t.same(
    ticks,
    [...ticks].sort((a, b) => a - b),
    'in order',
  );
  t.ok(ticks.length <= 1_100);
});

t.test('after its reader has gone nothing is kept', async (t) => {
  const out = new PassThrough();
  const stream = new EventStream(out);
  out.destroy();
  stream.send({ topic: 'late' });
  t.equal(out.writableLength, 0);
});
