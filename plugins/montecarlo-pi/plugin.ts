import { definePlugin } from 'conun/plugin';

export default definePlugin<{ readonly units: number; readonly throws: number }>({
  parameters({ units = 100, throws = 10_000_000 }) {
    if (!Number.isInteger(units) || Number(units) < 1)
      throw new Error('units: give a whole number from 1 on');
    if (!Number.isInteger(throws) || Number(throws) < 1)
      throw new Error('throws: give a whole number from 1 on');
    return { units: Number(units), throws: Number(throws) };
  },

  *split({ parameters: { units, throws } }) {
    for (let seed = 0; seed < units; seed++) {
      yield { args: [String(seed), String(throws)], label: `seed ${seed}` };
    }
  },

  async *merge({ parameters: { throws } }, results) {
    let inside = 0;
    let thrown = 0;
    for await (const { stdout } of results) {
      inside += Number(new TextDecoder().decode(stdout));
      thrown += throws;
    }
    yield {
      path: 'pi.txt',
      bytes: new TextEncoder().encode(`${(4 * inside) / thrown} from ${thrown} throws\n`),
    };
  },
});
