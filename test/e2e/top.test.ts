import t from 'tap';
import { lacks } from '../engine.ts';
import { CONUN } from '../../src/grid/demo/stage.ts';
import { openTerminal } from '../grid/terminal.ts';
import {
  emptyStage,
  equalUnits,
  FILE_MS_MAX,
  isOver,
  publish,
  serving,
  spinning,
  submit,
  until,
} from './ground.ts';

t.setTimeout(FILE_MS_MAX);

t.test(
  'a provider watches its machine work, pauses it, resumes it and leaves',
  { skip: lacks('tmux') },
  async (t) => {
    const stage = await emptyStage(t);
    const broker = await stage.cast({ name: 'broker', roles: ['broker'] });
    const set = serving(await broker.address());
    const provider = await stage.cast({ name: 'ada', roles: ['provider'], set });
    await publish(broker, await spinning(stage));
    const { peer } = await broker.client.node();
    // A minute of work, cancelled at the end.
    const { batch } = await submit(broker, equalUnits('spin', 600, 100_000_000));
    await until(broker.client, batch, ({ counts }) => counts.replicasReturned > 0);

    const command = `LC_ALL=C.UTF-8 '${CONUN}' top --home '${provider.home}'; echo left with $?; cat`;
    const terminal = await openTerminal(`conun-e2e-${process.pid}`, command, { columns: 120, rows: 40 });
    t.teardown(() => terminal.close());
    await terminal.shows(
      /conun \d+\.\d+\.\d+ +ada .*provider +run/,
      /machine: /,
      /cpu +\S+ +\d+%/,
      /mem +\S+/,
      /tasks: 1 running/,
      new RegExp(`leases: 1[^]*${peer.slice(-8)}`),
      /peers: 1/,
      /credit \d+ tasks/,
    );

    await terminal.keys('p');
    await terminal.shows(/suspend .*paused from conun top/);
    t.match((await provider.client.machine()).governor, { state: 'suspend', paused: true });
    await terminal.keys('r');
    await terminal.shows(/resumed/, /ada .*provider +run/);
    t.match((await provider.client.machine()).governor, { state: 'run', paused: false });
    const { agreed } = (await broker.client.batch(batch)).counts;
    await until(broker.client, batch, ({ counts }) => counts.agreed > agreed);

    await terminal.keys('q');
    await terminal.shows(/left with 0/);
    t.match(await provider.client.node(), { name: 'ada' }, 'the daemon goes on');
    await broker.client.cancel(batch, 'seen enough');
    t.match(await until(broker.client, batch, isOver), { phase: 'cancelled' });
  },
);
