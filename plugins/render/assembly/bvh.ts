/**
 * Finds the triangle that a ray meets first: a bounding volume hierarchy over the mesh, built top-down with
 * the surface area heuristic over 16 bins (Wald, "On fast Construction of SAH-based BVHs", 2007).
 *
 * A node is 40 bytes: lower corner and 0, upper corner and infinity (f32 × 8, so that both load as one
 * vector, and the fourth lane stands for "from the origin on"), first, count (u32). An inner node has count 0
 * and its two children side by side at `first`; a leaf has `count` triangles from `first` on, stored as
 * corner and two edges.
 */

import { corner, position, triangles } from "./mesh";

const NODE_BYTES = 40;
const TRIANGLE_BYTES = 40;
const LEAF_TRIANGLES_MAX: u32 = 4;
const BINS = 16;
/**
 * Below this depth nodes are halved by number, whatever it costs: so the stack below is deep enough for any
 * mesh.
 */
const SAH_DEPTH_MAX: u32 = 40;
const STACK_DEPTH: u32 = SAH_DEPTH_MAX + 32;

let nodes: usize = 0;
let nodeCount: u32 = 0;
/** Triangles in the order of the leaves: corner, edge, edge (f32 × 9), number in the mesh (u32). */
let ordered: usize = 0;
/** While building: triangle numbers, and each one's box and middle (f32 × 9). */
let order: usize = 0;
let boxes: usize = 0;

const bins = heap.alloc(BINS * 28);
const sweep = heap.alloc(BINS * 8);

/** What the last `meet` found. */
export let hitTriangle: u32 = 0;
export let hitU: f32 = 0;
export let hitV: f32 = 0;

export function buildBvh(): void {
  nodes = heap.alloc(<usize>triangles * 2 * NODE_BYTES);
  order = heap.alloc(<usize>triangles * 4);
  boxes = heap.alloc(<usize>triangles * 36);
  for (let triangle: u32 = 0; triangle < triangles; triangle++) {
    store<u32>(order + triangle * 4, triangle);
    for (let axis: u32 = 0; axis < 3; axis++) {
      const a = position(corner(triangle, 0), axis);
      const b = position(corner(triangle, 1), axis);
      const c = position(corner(triangle, 2), axis);
      const box = boxes + triangle * 36 + axis * 4;
      const low = min(a, min(b, c));
      const high = max(a, max(b, c));
      store<f32>(box, low);
      store<f32>(box, high, 12);
      store<f32>(box, (low + high) * 0.5, 24);
    }
  }
  nodeCount = 1;
  divide(0, 0, triangles, 0);
  storeOrdered();
}

/** Makes node `at` of the triangles `from … from + count` of `order`. */
function divide(at: u32, from: u32, count: u32, depth: u32): void {
  const node = nodes + at * NODE_BYTES;
  bound(node, from, count);
  let middle = from;
  if (count > LEAF_TRIANGLES_MAX) {
    middle = depth < SAH_DEPTH_MAX ? split(node, from, count) : from + count / 2;
  }
  if (middle == from || middle == from + count) {
    store<u32>(node, from, 32);
    store<u32>(node, count, 36);
    return;
  }
  const children = nodeCount;
  nodeCount += 2;
  store<u32>(node, children, 32);
  store<u32>(node, 0, 36);
  divide(children, from, middle - from, depth + 1);
  divide(children + 1, middle, from + count - middle, depth + 1);
}

function bound(node: usize, from: u32, count: u32): void {
  store<f32>(node, 0, 12);
  store<f32>(node, Infinity, 28);
  for (let axis: usize = 0; axis < 12; axis += 4) {
    let low: f32 = Infinity;
    let high: f32 = -Infinity;
    for (let at = from; at < from + count; at++) {
      const box = boxes + load<u32>(order + at * 4) * 36 + axis;
      low = min(low, load<f32>(box));
      high = max(high, load<f32>(box, 12));
    }
    store<f32>(node + axis, low);
    store<f32>(node + axis, high, 16);
  }
}

/** Partitions at the cheapest plane. Returns where the second part begins; `from` when no split pays. */
function split(node: usize, from: u32, count: u32): u32 {
  let bestCost: f32 = area(node, node + 16) * <f32>count;
  let bestAxis: usize = 12;
  let bestBin = 0;
  for (let axis: usize = 0; axis < 12; axis += 4) {
    fillBins(node, axis, from, count);
    sweepRight();
    for (let bin = 0, left: u32 = 0; bin < BINS - 1; bin++) {
      if (bin > 0) join(bins + bin * 28, bins + (bin - 1) * 28);
      left += load<u32>(bins + bin * 28, 24);
      const right = sweep + (bin + 1) * 8;
      const leftCost: f32 = left == 0 ? 0 : area(bins + bin * 28, bins + bin * 28 + 12) * <f32>left;
      const cost = leftCost + load<f32>(right) * <f32>load<u32>(right, 4);
      if (left > 0 && left < count && cost < bestCost) {
        bestCost = cost;
        bestAxis = axis;
        bestBin = bin;
      }
    }
  }
  if (bestAxis == 12) return count > 4 * LEAF_TRIANGLES_MAX ? from + count / 2 : from;
  return partition(node, bestAxis, bestBin, from, count);
}

function binOf(node: usize, axis: usize, triangle: u32): i32 {
  const low = load<f32>(node + axis);
  const extent = load<f32>(node + axis, 16) - low;
  if (extent <= 0) return 0;
  const middle = load<f32>(boxes + triangle * 36 + axis, 24);
  return min(BINS - 1, <i32>(((middle - low) / extent) * <f32>BINS));
}

function fillBins(node: usize, axis: usize, from: u32, count: u32): void {
  for (let bin = 0; bin < BINS; bin++) {
    for (let side: usize = 0; side < 12; side += 4) {
      store<f32>(bins + bin * 28 + side, Infinity);
      store<f32>(bins + bin * 28 + side, -Infinity, 12);
    }
    store<u32>(bins + bin * 28, 0, 24);
  }
  for (let at = from; at < from + count; at++) {
    const triangle = load<u32>(order + at * 4);
    const bin = bins + binOf(node, axis, triangle) * 28;
    join(bin, boxes + triangle * 36);
    store<u32>(bin, load<u32>(bin, 24) + 1, 24);
  }
}

/** For each bin, area and number of all bins from it to the right. */
function sweepRight(): void {
  const box = memory.data(24);
  for (let side: usize = 0; side < 12; side += 4) {
    store<f32>(box + side, Infinity);
    store<f32>(box + side, -Infinity, 12);
  }
  for (let bin = BINS - 1, count: u32 = 0; bin > 0; bin--) {
    join(box, bins + bin * 28);
    count += load<u32>(bins + bin * 28, 24);
    store<f32>(sweep + bin * 8, count == 0 ? 0 : area(box, box + 12));
    store<u32>(sweep + bin * 8, count, 4);
  }
}

function join(box: usize, other: usize): void {
  for (let side: usize = 0; side < 12; side += 4) {
    store<f32>(box + side, min(load<f32>(box + side), load<f32>(other + side)));
    store<f32>(box + side, max(load<f32>(box + side, 12), load<f32>(other + side, 12)), 12);
  }
}

function area(low: usize, high: usize): f32 {
  const x = load<f32>(high) - load<f32>(low);
  const y = load<f32>(high, 4) - load<f32>(low, 4);
  const z = load<f32>(high, 8) - load<f32>(low, 8);
  return x * y + y * z + z * x;
}

function partition(node: usize, axis: usize, bin: i32, from: u32, count: u32): u32 {
  let left = from;
  let right = from + count;
  while (left < right) {
    const triangle = load<u32>(order + left * 4);
    if (binOf(node, axis, triangle) <= bin) {
      left++;
    } else {
      right--;
      store<u32>(order + left * 4, load<u32>(order + right * 4));
      store<u32>(order + right * 4, triangle);
    }
  }
  return left;
}

function storeOrdered(): void {
  ordered = heap.alloc(<usize>triangles * TRIANGLE_BYTES);
  for (let at: u32 = 0; at < triangles; at++) {
    const triangle = load<u32>(order + at * 4);
    const entry = ordered + at * TRIANGLE_BYTES;
    for (let axis: u32 = 0; axis < 3; axis++) {
      const a = position(corner(triangle, 0), axis);
      store<f32>(entry + axis * 4, a);
      store<f32>(entry + axis * 4, position(corner(triangle, 1), axis) - a, 12);
      store<f32>(entry + axis * 4, position(corner(triangle, 2), axis) - a, 24);
    }
    store<u32>(entry, triangle, 36);
  }
}

const stack = heap.alloc(STACK_DEPTH * 4);
const MISS: f32 = Infinity;

/**
 * Distance to the nearest triangle closer than `limit`, or `limit` if there is none. With `any`, the first
 * one found will do: enough to know that a light is hidden.
 */
export function meet(
  ox: f32, oy: f32, oz: f32, dx: f32, dy: f32, dz: f32, limit: f32, any: bool,
): f32 {
  const origin = f32x4(ox, oy, oz, 0);
  const inverse = f32x4(1 / dx, 1 / dy, 1 / dz, 1);
  let nearest = limit;
  let top: usize = 0;
  let node = nodes;
  if (enter(node, origin, inverse, nearest) == MISS) return nearest;
  while (true) {
    const count = load<u32>(node, 36);
    const first = load<u32>(node, 32);
    if (count != 0) {
      nearest = meetLeaf(first, count, ox, oy, oz, dx, dy, dz, nearest);
      if (any && nearest < limit) return nearest;
    } else {
      let near = nodes + first * NODE_BYTES;
      let far = near + NODE_BYTES;
      let nearAt = enter(near, origin, inverse, nearest);
      let farAt = enter(far, origin, inverse, nearest);
      if (farAt < nearAt) {
        const node1 = near;
        near = far;
        far = node1;
        const at = nearAt;
        nearAt = farAt;
        farAt = at;
      }
      if (nearAt != MISS) {
        if (farAt != MISS) {
          store<u32>(stack + top, <u32>far);
          top += 4;
        }
        node = near;
        continue;
      }
    }
    if (top == 0) return nearest;
    top -= 4;
    node = load<u32>(stack + top);
  }
}

/** Where the ray enters the node's box, if that is nearer than `limit`. */
@inline
function enter(node: usize, origin: v128, inverse: v128, limit: f32): f32 {
  const one = f32x4.mul(f32x4.sub(v128.load(node), origin), inverse);
  const two = f32x4.mul(f32x4.sub(v128.load(node, 16), origin), inverse);
  let low = f32x4.pmin(one, two);
  let high = f32x4.pmax(one, two);
  low = f32x4.pmax(low, v128.shuffle<f32>(low, low, 2, 3, 0, 1));
  high = f32x4.pmin(high, v128.shuffle<f32>(high, high, 2, 3, 0, 1));
  const near = f32x4.extract_lane(f32x4.pmax(low, v128.shuffle<f32>(low, low, 1, 0, 3, 2)), 0);
  const far = f32x4.extract_lane(f32x4.pmin(high, v128.shuffle<f32>(high, high, 1, 0, 3, 2)), 0);
  return near <= far && near < limit ? near : MISS;
}

/** Möller and Trumbore's test. */
@inline
function meetLeaf(
  first: u32, count: u32, ox: f32, oy: f32, oz: f32, dx: f32, dy: f32, dz: f32, limit: f32,
): f32 {
  let nearest = limit;
  const end = ordered + (first + count) * TRIANGLE_BYTES;
  for (let entry = ordered + first * TRIANGLE_BYTES; entry < end; entry += TRIANGLE_BYTES) {
    const e1x = load<f32>(entry, 12);
    const e1y = load<f32>(entry, 16);
    const e1z = load<f32>(entry, 20);
    const e2x = load<f32>(entry, 24);
    const e2y = load<f32>(entry, 28);
    const e2z = load<f32>(entry, 32);
    const px = dy * e2z - dz * e2y;
    const py = dz * e2x - dx * e2z;
    const pz = dx * e2y - dy * e2x;
    const inverse: f32 = 1 / (e1x * px + e1y * py + e1z * pz);
    const sx = ox - load<f32>(entry);
    const sy = oy - load<f32>(entry, 4);
    const sz = oz - load<f32>(entry, 8);
    const u = (sx * px + sy * py + sz * pz) * inverse;
    if (!(u >= 0 && u <= 1)) continue;
    const qx = sy * e1z - sz * e1y;
    const qy = sz * e1x - sx * e1z;
    const qz = sx * e1y - sy * e1x;
    const v = (dx * qx + dy * qy + dz * qz) * inverse;
    if (!(v >= 0 && u + v <= 1)) continue;
    const distance = (e2x * qx + e2y * qy + e2z * qz) * inverse;
    if (distance > 0 && distance < nearest) {
      nearest = distance;
      hitTriangle = load<u32>(entry, 36);
      hitU = u;
      hitV = v;
    }
  }
  return nearest;
}
