/**
 * Smooths a mesh by subdivision (Loop, "Smooth Subdivision Surfaces Based on Triangles", 1987; weights by
 * Warren).
 */

import type { Mesh, Triple } from './mesh.ts';

/** One step of Charles Loop's scheme (1987), with Warren's weights: four triangles out of each. */
export function subdivide({ positions, cells }: Mesh): Mesh {
  const edges = new Map<string, Edge>();
  const neighbours = positions.map(() => new Set<number>());
  const rims = positions.map(() => [] as number[]);
  for (const [a, b, c] of cells) {
    for (const [from, to, opposite] of [
      [a, b, c],
      [b, c, a],
      [c, a, b],
    ] as const) {
      neighbours[from]?.add(to);
      neighbours[to]?.add(from);
      const key = edgeKey(from, to);
      const edge = edges.get(key) ?? { from, to, opposites: [], vertex: positions.length + edges.size };
      edges.set(key, edge);
      edge.opposites.push(opposite);
    }
  }
  for (const { from, to, opposites } of edges.values()) {
    if (opposites.length === 2) continue;
    rims[from]?.push(to);
    rims[to]?.push(from);
  }
  const point = (vertex: number): Triple => positions[vertex] ?? [0, 0, 0];
  const moved = positions.map((old, vertex) => {
    const rim = rims[vertex] ?? [];
    if (rim.length === 2) return blend([[0.75, old], ...rim.map((at): Weighted => [0.125, point(at)])]);
    if (rim.length > 0) return old;
    const around = [...(neighbours[vertex] ?? [])];
    const share = around.length === 3 ? 3 / 16 : 3 / (8 * around.length);
    return blend([[1 - share * around.length, old], ...around.map((at): Weighted => [share, point(at)])]);
  });
  const middles = [...edges.values()].map(({ from, to, opposites: [one, other] }) =>
    one === undefined || other === undefined
      ? blend([
          [0.5, point(from)],
          [0.5, point(to)],
        ])
      : blend([
          [0.375, point(from)],
          [0.375, point(to)],
          [0.125, point(one)],
          [0.125, point(other)],
        ]),
  );
  return { positions: [...moved, ...middles], cells: cells.flatMap((cell) => quarters(cell, edges)) };
}

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly opposites: number[];
  readonly vertex: number;
}

type Weighted = readonly [weight: number, point: Triple];

function blend(points: readonly Weighted[]): Triple {
  const sum = (axis: 0 | 1 | 2) => points.reduce((total, [weight, point]) => total + weight * point[axis], 0);
  return [sum(0), sum(1), sum(2)];
}

function edgeKey(one: number, other: number): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

function quarters([a, b, c]: Triple, edges: ReadonlyMap<string, Edge>): Triple[] {
  const middle = (one: number, other: number) => edges.get(edgeKey(one, other))?.vertex ?? 0;
  const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
  return [
    [a, ab, ca],
    [b, bc, ab],
    [c, ca, bc],
    [ab, bc, ca],
  ];
}
