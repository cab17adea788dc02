import fc from 'fast-check';
import t from 'tap';
import {
  actorsErrors,
  type CommitPipeline,
  type CommitSettled,
  createCommitPipeline,
  type Fault,
  type Journal,
  type JournalCommit,
  type JournalRows,
  memoryJournal,
  type PipelineContext,
} from '../../src/actors/index.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

interface Bench {
  readonly pipeline: CommitPipeline<string>;
  readonly context: PipelineContext;
  readonly performed: string[];
  readonly commits: JournalCommit[];
  readonly holds: { count: number };
  /** The disk answers for the oldest commit that waits, and the actor gets its mail. */
  answer(fault?: Fault): void;
}

/** A pipeline whose journal and actor are moved by hand. */
function benchOf(
  options: { commitsMax?: number; rows?: (effect: string) => JournalRows | undefined } = {},
): Bench {
  const commits: JournalCommit[] = [];
  const performed: string[] = [];
  const mails: { done: () => CommitSettled; failed: (fault: Fault) => CommitSettled }[] = [];
  const holds = { count: 0 };
  const journal: Pick<Journal, 'commit'> = {
    commit: (commit) => {
      commits.push(commit);
      return new Promise(() => {});
    },
  };
  const context: PipelineContext = {
    pipe: (_work, done, failed) => void mails.push({ done: done as () => CommitSettled, failed }),
    hold() {
      holds.count += 1;
      return () => {
        holds.count -= 1;
      };
    },
  };
  const pipeline = createCommitPipeline<string>({
    journal: journal as Journal,
    perform: (effect) => void performed.push(effect),
    ...options,
  });
  const answer = (fault?: Fault) => {
    const { done, failed } = mails.shift()!;
    pipeline.settle(fault === undefined ? done() : failed(fault));
  };
  return { pipeline, context, performed, commits, holds, answer };
}

t.test('an effect waits for the commit of its turn', async (t) => {
  const { pipeline, context, performed, commits, answer } = benchOf();
  pipeline.append('s', bytes('1'));
  pipeline.append('s', bytes('2'));
  pipeline.effect('send 1');
  pipeline.effect('send 2');
  t.same([commits.length, pipeline.size], [0, 0], 'nothing before the end of the turn');
  pipeline.flush(context);
  t.equal(commits.length, 1);
  t.same(
    commits[0]?.entries?.map(({ stream, entry }) => `${stream} ${text(entry)}`),
    ['s 1', 's 2'],
  );
  t.same([performed, pipeline.size], [[], 1]);
  answer();
  t.same([performed, pipeline.size], [['send 1', 'send 2'], 0]);
});

t.test('a turn without writes is performed at once, but never before an earlier turn', async (t) => {
  const { pipeline, context, performed, commits, answer } = benchOf();
  pipeline.effect('alone');
  pipeline.flush(context);
  t.same(performed, ['alone']);
  pipeline.append('s', bytes('1'));
  pipeline.effect('first');
  pipeline.flush(context);
  pipeline.effect('second');
  pipeline.flush(context);
  t.same(performed, ['alone']);
  answer();
  t.same(performed, ['alone', 'first', 'second']);
  t.equal(commits.length, 1);
});

t.test('effects that are rows join the commit, the last one for a key counts', async (t) => {
  const rows = (effect: string): JournalRows | undefined => {
    const [verb, key = ''] = effect.split(' ');
    if (verb === 'put') return { puts: [{ key, value: bytes(effect) }] };
    return verb === 'delete' ? { deletes: [key] } : undefined;
  };
  const { pipeline, context, performed, commits, answer } = benchOf({ rows });
  for (const effect of ['put a x', 'put b', 'tell', 'delete a', 'delete c', 'put c', 'put b again']) {
    pipeline.effect(effect);
  }
  pipeline.flush(context);
  answer();
  t.same(performed, ['tell']);
  t.same(commits[0]?.deletes, ['a']);
  t.same(
    commits[0]?.puts?.map(({ value }) => text(value)),
    ['put b again', 'put c'],
  );
});

t.test('a snapshot and a drop take the place of what the turn appended before', async (t) => {
  const journal = memoryJournal();
  const pipeline = createCommitPipeline<string>({ journal, perform() {} });
  const found = async (stream: string) => {
    await journal.commit({});
    const items: string[] = [];
    for await (const item of journal.replay(stream)) items.push(`${item.kind} ${text(item.bytes)}`);
    return items;
  };
  const { context } = benchOf();
  pipeline.append('s', bytes('covered'));
  pipeline.append('other', bytes('kept'));
  pipeline.snapshot('s', bytes('state'));
  pipeline.append('s', bytes('after'));
  pipeline.flush(context);
  t.same(await found('s'), ['snapshot state', 'entry after']);
  t.same(await found('other'), ['entry kept']);
  pipeline.append('s', bytes('x'));
  pipeline.snapshot('s', bytes('y'));
  pipeline.write({ drops: ['s'] });
  pipeline.flush(context);
  t.same(await found('s'), []);
  t.same(await journal.streams(''), ['other']);
});

t.test('a failed commit is thrown, and neither its effects nor later ones are performed', async (t) => {
  const { pipeline, context, performed, answer } = benchOf();
  for (const turn of ['1', '2', '3']) {
    pipeline.append('s', bytes(turn));
    pipeline.effect(`send ${turn}`);
    pipeline.flush(context);
  }
  answer();
  t.throws(() => answer(actorsErrors.ACTORS_JOURNAL_BROKEN({ reason: 'full' })), {
    code: 'ACTORS_JOURNAL_BROKEN',
  });
  answer();
  t.same(performed, ['send 1']);
});

t.test('with too many turns under way the actor is held, and what comes still is gathered', async (t) => {
  const { pipeline, context, performed, commits, holds, answer } = benchOf({ commitsMax: 2 });
  const turn = (name: string) => {
    pipeline.append('s', bytes(name));
    pipeline.effect(name);
    pipeline.flush(context);
  };
  turn('1');
  t.equal(holds.count, 0);
  turn('2');
  t.equal(holds.count, 1);
  turn('3');
  turn('4');
  t.same([commits.length, pipeline.size, holds.count], [2, 2, 1]);
  answer();
  pipeline.flush(context);
  t.same([commits.length, commits[2]?.entries?.length], [3, 2], 'two turns in one commit');
  t.equal(holds.count, 1, 'still as many under way as there may be');
  answer();
  pipeline.flush(context);
  t.equal(holds.count, 0);
  answer();
  t.same(performed, ['1', '2', '3', '4']);
});

t.test('effects that performing adds are flushed with the turn', async (t) => {
  const { context } = benchOf();
  const performed: string[] = [];
  const pipeline: CommitPipeline<string> = createCommitPipeline<string>({
    journal: memoryJournal(),
    perform(effect) {
      performed.push(effect);
      if (effect === 'ask') pipeline.effect('answer');
    },
  });
  pipeline.effect('ask');
  pipeline.flush(context);
  t.same(performed, ['ask', 'answer']);
});

t.test('an effect that throws is not performed again, nor is what was before it', async (t) => {
  const { context } = benchOf();
  const performed: string[] = [];
  const pipeline = createCommitPipeline<string>({
    journal: memoryJournal(),
    perform(effect) {
      performed.push(effect);
      if (effect === 'throw') throw new TypeError('cannot');
    },
  });
  for (const effect of ['a', 'throw', 'b']) pipeline.effect(effect);
  t.throws(() => pipeline.flush(context), TypeError);
  pipeline.flush(context);
  t.same(performed, ['a', 'throw']);
});

t.test('saving commits what was gathered, and performs nothing of it', async (t) => {
  const { pipeline, context, performed, commits, answer } = benchOf();
  pipeline.effect('only an effect');
  pipeline.save(context);
  t.equal(commits.length, 0);
  pipeline.append('s', bytes('1'));
  pipeline.effect('send');
  pipeline.save(context);
  t.equal(commits.length, 1);
  answer();
  t.same(performed, []);
});

t.test('in any history, effects follow their commits, in order, each once', async (t) => {
  const act = fc.oneof(
    fc.constant('append' as const),
    fc.constant('effect' as const),
    fc.constant('flush' as const),
    fc.constant('answer' as const),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), fc.integer({ min: 1, max: 4 }), (acts, commitsMax) => {
      const { pipeline, context, performed, commits, answer } = benchOf({ commitsMax });
      /** For each effect, the entries that were appended before it. */
      const entriesBefore: number[] = [];
      let appended = 0;
      let answered = 0;
      const durable = () =>
        commits.slice(0, answered).reduce((sum, { entries = [] }) => sum + entries.length, 0);
      for (const act of acts) {
        if (act === 'append') {
          appended += 1;
          pipeline.append('s', bytes(String(appended)));
        } else if (act === 'effect') {
          pipeline.effect(String(entriesBefore.length));
          entriesBefore.push(appended);
        } else if (act === 'flush') {
          pipeline.flush(context);
        } else if (answered < commits.length) {
          answered += 1;
          answer();
        }
        const inOrder = performed.every((effect, index) => effect === String(index));
        if (!inOrder || performed.some((_, index) => entriesBefore[index]! > durable())) return false;
        if (pipeline.size > commitsMax) return false;
      }
      pipeline.flush(context);
      while (answered < commits.length) {
        answered += 1;
        answer();
        pipeline.flush(context);
      }
      return performed.length === entriesBefore.length && durable() === appended;
    }),
    { numRuns: 300 },
  );
  t.pass('for any acts');
});
