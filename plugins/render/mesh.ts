/**
 * A mesh on its way from a Wavefront OBJ file to the program: read, smoothed, stood on the floor, and written
 * as the little-endian binary that `assembly/mesh.ts` reads.
 */

export type Triple = readonly [number, number, number];

export interface Mesh {
  readonly positions: readonly Triple[];
  readonly cells: readonly Triple[];
}

/** The scene is made for a body of this size, in its own units. */
const HEIGHT = 9.65;
const BREADTH = 10;

/** Vertices and faces; polygons become fans of triangles. Throws an `Error` that names the line. */
export function readObj(text: string): Mesh {
  const positions: Triple[] = [];
  const cells: Triple[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    const [kind, ...values] = line.trim().split(/\s+/);
    if (kind === 'v') {
      const [x = Number.NaN, y = Number.NaN, z = Number.NaN] = values.map(Number);
      if (![x, y, z].every(Number.isFinite))
        throw new Error(`mesh, line ${at + 1}: a vertex has three numbers`);
      positions.push([x, y, z]);
    } else if (kind === 'f') {
      const corners = values.map((value) => cornerOf(value, positions.length));
      if (corners.length < 3 || corners.some(Number.isNaN)) {
        throw new Error(`mesh, line ${at + 1}: a face has three or more vertices that were given before`);
      }
      const [first = 0] = corners;
      for (let to = 2; to < corners.length; to++) cells.push([first, corners[to - 1] ?? 0, corners[to] ?? 0]);
    }
  }
  if (cells.length === 0) throw new Error('mesh: the OBJ file has no face');
  return { positions, cells };
}

/** `12`, `12/3/4` or `-1`: counted from 1, or back from the newest. */
function cornerOf(value: string, vertices: number): number {
  const number = Number(value.split('/')[0]);
  const corner = number < 0 ? vertices + number : number - 1;
  return Number.isInteger(corner) && corner >= 0 && corner < vertices ? corner : Number.NaN;
}

export function writeObj({ positions, cells }: Mesh): string {
  const lines = [
    ...positions.map((point) => `v ${point.join(' ')}`),
    ...cells.map((cell) => `f ${cell.map((corner) => corner + 1).join(' ')}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Moved and scaled to stand on the floor, in the middle of the picture. */
export function stand({ positions, cells }: Mesh): Mesh {
  const range = (axis: 0 | 1 | 2) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const point of positions) {
      low = Math.min(low, point[axis]);
      high = Math.max(high, point[axis]);
    }
    return { low, middle: (low + high) / 2, extent: Math.max(high - low, Number.MIN_VALUE) };
  };
  const [x, y, z] = [range(0), range(1), range(2)];
  const scale = Math.min(HEIGHT / y.extent, BREADTH / x.extent, BREADTH / z.extent);
  const moved = positions.map((point): Triple => {
    return [(point[0] - x.middle) * scale, (point[1] - y.low) * scale, (point[2] - z.middle) * scale];
  });
  return { positions: moved, cells };
}

export function encodeMesh({ positions, cells }: Mesh): Uint8Array {
  const bytes = new Uint8Array(8 + 12 * (positions.length + cells.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, positions.length, true);
  view.setUint32(4, cells.length, true);
  const cellsAt = 8 + 12 * positions.length;
  for (const [at, value] of positions.flat().entries()) view.setFloat32(8 + 4 * at, value, true);
  for (const [at, value] of cells.flat().entries()) view.setUint32(cellsAt + 4 * at, value, true);
  return bytes;
}
