/** `units` units, each of `iterations` loop iterations; without iterations a unit does nothing at all. */

import { definePlugin } from 'conun/plugin';

interface Work {
  readonly units: number;
  readonly iterations: number;
}

export default definePlugin<Work>({
  parameters({ units, iterations = 0 }) {
    if (!Number.isInteger(units) || Number(units) < 1)
      throw new Error('units: give a whole number from 1 on');
    if (!Number.isInteger(iterations) || Number(iterations) < 0) {
      throw new Error('iterations: give a whole number from 0 on');
    }
    return { units: Number(units), iterations: Number(iterations) };
  },

  *split({ parameters: { units, iterations } }) {
    const unit = iterations === 0 ? {} : { args: [String(iterations)] };
    for (let index = 0; index < units; index++) yield unit;
  },

  async *merge(_batch, results) {
    let merged = 0;
    for await (const _result of results) merged++;
    yield { path: 'merged.txt', bytes: new TextEncoder().encode(`${merged}\n`) };
  },
});
