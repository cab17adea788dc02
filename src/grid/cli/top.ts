/** `conun top`: the dashboard, until its person leaves it. */

import { systemClock } from '../../actors/index.ts';
import { gridErrors } from '../errors.ts';
import { startFeed } from '../top/feed.ts';
import { openScreen } from '../top/screen.ts';
import { EMPTY, fold, type TopEvent } from '../top/view-model.ts';
import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  if (!call.io.stdout.isTTY) throw gridErrors.GRID_TERMINAL_REQUIRED({ command: 'top' });
  const client = await call.client();
  // Before the screen is taken: without a daemon there is nothing to show.
  await client.node();
  const clock = systemClock();
  const left = Promise.withResolvers<void>();
  let model = EMPTY;
  const tell = (event: TopEvent): void => {
    model = fold(model, event);
    screen.show(model);
  };
  const act = (doing: string, action: () => Promise<unknown>): void => {
    action().then(
      () => {
        tell({ type: 'notice', says: doing });
        feed.refresh();
      },
      (error: Error) => tell({ type: 'notice', says: error.message }),
    );
  };
  const screen = openScreen({
    clock,
    unicode: /utf-?8/i.test(call.io.env['LC_ALL'] || call.io.env['LC_CTYPE'] || call.io.env['LANG'] || ''),
    pause: () => act('paused', () => client.pause('paused from conun top')),
    resume: () => act('resumed', () => client.resume()),
    quit: () => left.resolve(),
  });
  const feed = startFeed(client, clock, tell);
  call.io.signal.addEventListener('abort', () => left.resolve(), { once: true });
  await left.promise;
  feed.end();
  screen.close();
  return undefined;
};
