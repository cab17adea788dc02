/**
 * The mesh as the batch's input brings it, little-endian: vertex count, triangle count (u32 each), then x, y,
 * z of each vertex (f32), then three vertex numbers of each triangle (u32). `../mesh.ts` writes it.
 */

import { fail, readFile } from "conun";

export let triangles: u32 = 0;
/** Three f32 each. */
export let positions: usize = 0;
export let normals: usize = 0;
/** Three u32 each. */
export let corners: usize = 0;

const HEADER_BYTES = 8;

export function loadMesh(path: string): void {
  const bytes = readFile(path);
  if (bytes.length < HEADER_BYTES) fail("the mesh is shorter than its header");
  const vertices = load<u32>(bytes.dataStart);
  triangles = load<u32>(bytes.dataStart, 4);
  if (<u64>HEADER_BYTES + (<u64>vertices + triangles) * 12 != <u64>bytes.length) {
    fail("the mesh does not have the size that its header says");
  }
  if (triangles == 0) fail("the mesh has no triangle");
  positions = bytes.dataStart + HEADER_BYTES;
  corners = positions + vertices * 12;
  for (let at: u32 = 0; at < triangles * 3; at++) {
    if (load<u32>(corners + at * 4) >= vertices) fail("the mesh names a vertex that it does not have");
  }
  smoothNormals(vertices);
}

/** A vertex's normal is the mean of its triangles' normals, weighed by area. */
function smoothNormals(vertices: u32): void {
  normals = heap.alloc(vertices * 12);
  memory.fill(normals, 0, vertices * 12);
  for (let triangle: u32 = 0; triangle < triangles; triangle++) {
    const a = corner(triangle, 0);
    const b = corner(triangle, 1);
    const c = corner(triangle, 2);
    const e1x = position(b, 0) - position(a, 0);
    const e1y = position(b, 1) - position(a, 1);
    const e1z = position(b, 2) - position(a, 2);
    const e2x = position(c, 0) - position(a, 0);
    const e2y = position(c, 1) - position(a, 1);
    const e2z = position(c, 2) - position(a, 2);
    const nx = e1y * e2z - e1z * e2y;
    const ny = e1z * e2x - e1x * e2z;
    const nz = e1x * e2y - e1y * e2x;
    for (let at: u32 = 0; at < 3; at++) {
      const normal = normals + corner(triangle, at) * 12;
      store<f32>(normal, load<f32>(normal) + nx);
      store<f32>(normal, load<f32>(normal, 4) + ny, 4);
      store<f32>(normal, load<f32>(normal, 8) + nz, 8);
    }
  }
}

@inline
export function corner(triangle: u32, at: u32): u32 {
  return load<u32>(corners + (triangle * 3 + at) * 4);
}

@inline
export function position(vertex: u32, axis: u32): f32 {
  return load<f32>(positions + vertex * 12 + axis * 4);
}
