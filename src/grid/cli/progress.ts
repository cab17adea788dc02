/**
 * Progress on a terminal as bars, elsewhere as a line now and then. The only file that imports cli-progress.
 */

import { MultiBar, type SingleBar } from 'cli-progress';
import type { Io } from './io.ts';
import { plain } from './table.ts';

type Side = Partial<Io> & Pick<Io, 'stderr' | 'env'>;

export interface Progress {
  /** `done` of `total` units of something named `name`; `total` undefined while nobody knows. */
  show(name: string, done: number, total: number | undefined, words: string): void;
  /** A line that stays above the bars. */
  line(text: string): void;
  end(): void;
}

/** Written to standard error: standard output belongs to the result. */
export function progressTo(io: Side): Progress {
  return io.stderr.isTTY ? bars(io) : lines(io);
}

function bars(io: Side): Progress {
  const unicode = /utf-?8/i.test(io.env['LC_ALL'] || io.env['LC_CTYPE'] || io.env['LANG'] || '');
  const all = new MultiBar({
    stream: io.stderr as NodeJS.WriteStream,
    format: '{name} {bar} {figure} {words}',
    barCompleteChar: unicode ? '█' : '#',
    barIncompleteChar: unicode ? '░' : '.',
    barsize: 28,
    hideCursor: true,
    emptyOnZero: true,
    linewrap: false,
  });
  const byName = new Map<string, SingleBar>();
  return {
    show(name, done, total, words) {
      const payload = { name: plain(name).padEnd(12), figure: `${done}/${total ?? '?'}`, words };
      const bar = byName.get(name) ?? all.create(total ?? 0, done, payload);
      byName.set(name, bar);
      bar.setTotal(total ?? Math.max(done * 2, 1));
      bar.update(done, payload);
    },
    line: (text) => all.log(`${text}\n`),
    end() {
      // Lines wait for the next picture, and `stop` draws none.
      all.update();
      all.stop();
    },
  };
}

function lines(io: Side): Progress {
  const tenths = new Map<string, number>();
  return {
    show(name, done, total, words) {
      const tenth = total === undefined ? -1 : Math.floor((10 * done) / Math.max(1, total));
      if (tenths.get(name) === tenth) return;
      tenths.set(name, tenth);
      io.stderr.write(`${plain(name)} ${done}/${total ?? '?'} ${words}\n`);
    },
    line: (text) => void io.stderr.write(`${text}\n`),
    end: () => undefined,
  };
}
