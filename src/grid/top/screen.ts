/**
 * The dashboard on a terminal: the only file that imports blessed. It places panes, shows lines and hands on
 * keys; what the lines say is decided in `panes.ts`.
 */

import blessed from 'blessed';
import type { Clock, Milliseconds } from '../../actors/index.ts';
import { footer, HELP, header, type Line, PANE_NAMES, type PaneName, pane, type Tone } from './panes.ts';
import { AT_END, AT_TOP, moved, type Scroll, settled } from './scroll.ts';
import type { TopModel } from './view-model.ts';

/** Ten pictures a second are smooth; more would cost a busy machine for nothing. */
const PAINT_MS: Milliseconds = 100;

export interface ScreenOptions {
  readonly clock: Clock;
  readonly unicode: boolean;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly quit: () => void;
}

/** What blessed's types leave out. */
interface Drawing {
  readonly tput: { brokenACS: boolean };
}

export interface Screen {
  /** Shows a model soon; of several within a tenth of a second only the last. */
  show(model: TopModel): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

/** What the screen remembers between two pictures. */
interface View {
  readonly unicode: boolean;
  readonly scrolls: Map<PaneName, Scroll>;
  /** Lines in each pane, seen or not. */
  readonly lengths: Map<PaneName, number>;
}

export function openScreen(options: ScreenOptions): Screen {
  const screen = blessed.screen({ smartCSR: true, fullUnicode: options.unicode, title: 'conun' });
  // Else blessed draws lines with the alternate character set, and takes `°` and others for parts of it.
  if (options.unicode) (screen.program as unknown as Drawing).tput.brokenACS = true;
  const top = blessed.box({ parent: screen, top: 0, height: 1, tags: true, style: { inverse: true } });
  const bottom = blessed.box({ parent: screen, bottom: 0, height: 1, tags: true });
  const boxes = new Map(PANE_NAMES.map((name) => [name, paneBox(screen, name)]));
  const scrolls = new Map(PANE_NAMES.map((name) => [name, name === 'log' ? AT_END : AT_TOP]));
  const view: View = { unicode: options.unicode, scrolls, lengths: new Map() };
  let model: TopModel | undefined;
  let cancelPaint: (() => void) | undefined;

  const paint = (): void => {
    cancelPaint?.();
    cancelPaint = undefined;
    if (model === undefined) return;
    arrange(boxes, Number(screen.width), Number(screen.height));
    top.setContent(markup(header(model)));
    bottom.setContent(markup(footer(model)));
    for (const [name, box] of boxes) fill(box, name, model, view);
    screen.render();
  };
  bindFocus(screen, boxes, view, paint);
  bindKeys(screen, helpBox(screen, options.unicode), options);
  screen.on('resize', paint);
  boxes.get('tasks')?.focus();
  return {
    show(next) {
      model = next;
      cancelPaint ??= options.clock.after(PAINT_MS, paint);
    },
    close() {
      cancelPaint?.();
      screen.destroy();
    },
  };
}

type Box = blessed.Widgets.BoxElement;

function paneBox(screen: blessed.Widgets.Screen, name: PaneName): Box {
  return blessed.box({
    parent: screen,
    name,
    label: ` ${name} `,
    border: 'line',
    tags: true,
    wrap: false,
    style: { border: { fg: 'gray' }, focus: { border: { fg: 'cyan' } } },
  } as blessed.Widgets.BoxOptions);
}

/** Machine beside tasks, then batches, leases and peers in a row, the log below with what is left. */
function arrange(boxes: ReadonlyMap<PaneName, Box>, columns: number, rows: number): void {
  const upper = Math.max(9, Math.floor(rows * 0.36));
  const middle = Math.max(6, Math.floor(rows * 0.26));
  const half = Math.floor(columns / 2);
  const wide = Math.floor(columns * 0.4);
  const narrow = Math.floor((columns - wide) / 2);
  place(boxes, 'machine', 1, 0, half, upper);
  place(boxes, 'tasks', 1, half, columns - half, upper);
  place(boxes, 'batches', 1 + upper, 0, wide, middle);
  place(boxes, 'leases', 1 + upper, wide, narrow, middle);
  place(boxes, 'peers', 1 + upper, wide + narrow, columns - wide - narrow, middle);
  place(boxes, 'log', 1 + upper + middle, 0, columns, Math.max(3, rows - upper - middle - 2));
}

function place(
  boxes: ReadonlyMap<PaneName, Box>,
  name: PaneName,
  top: number,
  left: number,
  width: number,
  height: number,
): void {
  Object.assign(boxes.get(name)!, { top, left, width, height });
}

function fill(box: Box, name: PaneName, model: TopModel, view: View): void {
  const { title, lines } = pane(name, model, { width: Number(box.width) - 2, unicode: view.unicode });
  const rows = Number(box.height) - 2;
  const scroll = settled(view.scrolls.get(name)!, lines.length, rows);
  view.scrolls.set(name, scroll);
  view.lengths.set(name, lines.length);
  box.setLabel(` ${blessed.escape(title.slice(0, Math.max(0, Number(box.width) - 4)))} `);
  box.setContent(
    lines
      .slice(scroll.top, scroll.top + rows)
      .map(markup)
      .join('\n'),
  );
}

function bindFocus(
  screen: blessed.Widgets.Screen,
  boxes: ReadonlyMap<PaneName, Box>,
  view: View,
  paint: () => void,
): void {
  const focused = (): PaneName => PANE_NAMES.find((name) => boxes.get(name) === screen.focused) ?? 'tasks';
  const move = (by: number): void => {
    const next = (PANE_NAMES.indexOf(focused()) + by + PANE_NAMES.length) % PANE_NAMES.length;
    boxes.get(PANE_NAMES[next]!)!.focus();
    paint();
  };
  const scroll = (pages: number, lines: number): void => {
    const name = focused();
    const rows = Number(boxes.get(name)!.height) - 2;
    const by = pages * rows + lines;
    const length = view.lengths.get(name) ?? 0;
    view.scrolls.set(name, moved(view.scrolls.get(name)!, by, length, rows, name === 'log'));
    paint();
  };
  screen.key(['tab', 'right'], () => move(1));
  screen.key(['S-tab', 'left'], () => move(-1));
  screen.key(['up'], () => scroll(0, -1));
  screen.key(['down'], () => scroll(0, 1));
  screen.key(['pageup'], () => scroll(-1, 0));
  screen.key(['pagedown'], () => scroll(1, 0));
}

function bindKeys(screen: blessed.Widgets.Screen, help: Box, options: ScreenOptions): void {
  screen.key(['p'], options.pause);
  screen.key(['r'], options.resume);
  screen.key(['q', 'C-c'], options.quit);
  screen.key(['?', 'h'], () => {
    help.toggle();
    help.setFront();
    screen.render();
  });
}

function helpBox(screen: blessed.Widgets.Screen, unicode: boolean): Box {
  const text = HELP.join('\n');
  return blessed.box({
    parent: screen,
    hidden: true,
    top: 'center',
    left: 'center',
    width: 58,
    height: HELP.length + 2,
    label: ' help ',
    border: 'line',
    content: unicode ? text : text.replace('←, →', 'arrows').replace('↑, ↓', 'up/dn'),
    style: { border: { fg: 'cyan' } },
  });
}

const COLOURS: Readonly<Record<Tone, string | undefined>> = {
  plain: undefined,
  good: 'green-fg',
  warn: 'yellow-fg',
  bad: 'red-fg',
  dim: 'gray-fg',
};

/** Text from elsewhere is escaped: it never becomes markup. */
function markup(line: Line): string {
  return line
    .map(({ text, tone }) => {
      const colour = COLOURS[tone];
      return colour === undefined ? blessed.escape(text) : `{${colour}}${blessed.escape(text)}{/${colour}}`;
    })
    .join('');
}
