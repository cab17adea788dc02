/**
 * Which lines of a pane are seen. A log follows its end until somebody scrolls back, and again once they
 * return.
 */

export interface Scroll {
  /** The first line seen. */
  readonly top: number;
  readonly follows: boolean;
}

export const AT_TOP: Scroll = { top: 0, follows: false };
export const AT_END: Scroll = { top: 0, follows: true };

/** After `lines` or `rows` have changed. */
export function settled(scroll: Scroll, lines: number, rows: number): Scroll {
  const last = Math.max(0, lines - rows);
  return { ...scroll, top: scroll.follows ? last : Math.min(scroll.top, last) };
}

/** `by` lines down. `isLog`: reaching the end means to follow it. */
export function moved(scroll: Scroll, by: number, lines: number, rows: number, isLog: boolean): Scroll {
  const last = Math.max(0, lines - rows);
  const top = Math.min(last, Math.max(0, settled(scroll, lines, rows).top + by));
  return { top, follows: isLog && top === last };
}
