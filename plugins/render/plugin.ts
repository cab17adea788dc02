/** Prepares the mesh, cuts the picture into tiles, and puts the tiles together again as a PNG. */

import { definePlugin, type Result } from 'conun/plugin';
import { encode } from 'fast-png';
import { encodeMesh, readObj, stand } from './mesh.ts';
import { subdivide } from './subdivision.ts';

interface Picture {
  readonly width: number;
  readonly height: number;
  /** Side of a square tile; those at the right and lower edge may be smaller. */
  readonly tile: number;
  /** Paths for each pixel. Noise falls nearly in proportion, cost grows in proportion. */
  readonly samples: number;
  /** Surfaces that a path meets at most. */
  readonly bounces: number;
  /** Steps of subdivision: each has four times the triangles. */
  readonly smooth: number;
}

interface Tile {
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
}

const CHANNELS = 3;
const RAYS = /^\d{1,15}\n$/;

export default definePlugin<Picture>({
  parameters(given) {
    const known = { width: [640, 1, 8192], height: [480, 1, 8192], tile: [80, 8, 512] } as const;
    const quality = { samples: [64, 1, 65_536], bounces: [6, 1, 32], smooth: [1, 0, 3] } as const;
    const rules = { ...known, ...quality };
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(rules, name));
    if (unknown !== undefined) {
      throw new Error(`unknown parameter "${unknown}": use ${Object.keys(rules).join(', ')}`);
    }
    const whole = (name: keyof typeof rules): number => {
      const [usual, least, most] = rules[name];
      const value = given[name] ?? usual;
      if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return Number(value);
      throw new Error(`${name}: ${JSON.stringify(value)} is not a whole number from ${least} to ${most}`);
    };
    return {
      width: whole('width'),
      height: whole('height'),
      tile: whole('tile'),
      samples: whole('samples'),
      bounces: whole('bounces'),
      smooth: whole('smooth'),
    };
  },

  share({ parameters, inputs }) {
    let mesh = readObj(new TextDecoder().decode(inputs['mesh']));
    for (let step = 0; step < parameters.smooth; step++) mesh = subdivide(mesh);
    return [{ path: 'mesh', bytes: encodeMesh(stand(mesh)) }];
  },

  *split({ parameters: picture }) {
    for (const { left, top, columns, rows } of tiles(picture)) {
      const numbers = [
        picture.width,
        picture.height,
        left,
        top,
        columns,
        rows,
        picture.samples,
        picture.bounces,
      ];
      yield { args: numbers.map(String), label: `tile ${left / picture.tile},${top / picture.tile}` };
    }
  },

  async *merge({ parameters: picture }, results) {
    const { width, height } = picture;
    const data = new Uint8Array(width * height * CHANNELS);
    const places = [...tiles(picture)];
    let rays = 0;
    let merged = 0;
    for await (const result of results) {
      paste(data, width, places[result.index], result);
      rays += rayCount(result);
      merged++;
    }
    yield { path: 'render.png', bytes: encode({ width, height, data, channels: CHANNELS, depth: 8 }) };
    const report = { ...picture, tiles: places.length, tilesMissing: places.length - merged, rays };
    yield { path: 'render.json', bytes: new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`) };
  },
});

function* tiles({ width, height, tile }: Picture): Generator<Tile> {
  for (let top = 0; top < height; top += tile) {
    for (let left = 0; left < width; left += tile) {
      yield { left, top, columns: Math.min(tile, width - left), rows: Math.min(tile, height - top) };
    }
  }
}

function paste(data: Uint8Array, width: number, place: Tile | undefined, { label, files }: Result): void {
  const pixels = files.find(({ path }) => path === 'tile.rgb')?.bytes;
  if (place === undefined || pixels?.length !== place.columns * place.rows * CHANNELS) {
    throw new Error(`${label} left no tile.rgb of the expected size`);
  }
  const rowBytes = place.columns * CHANNELS;
  for (let row = 0; row < place.rows; row++) {
    const to = ((place.top + row) * width + place.left) * CHANNELS;
    data.set(pixels.subarray(row * rowBytes, (row + 1) * rowBytes), to);
  }
}

function rayCount({ label, stdout }: Result): number {
  const text = new TextDecoder().decode(stdout);
  if (!RAYS.test(text)) throw new Error(`${label} did not say how many rays it traced`);
  return Number(text);
}
