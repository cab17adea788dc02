/**
 * What is in the picture: the mesh on a floor, three spheres, one soft rectangular lamp, and a sky. `trace`
 * finds what a ray meets, `hidden` only whether it meets anything.
 */

import { buildBvh, hitTriangle, hitU, hitV, meet } from "./bvh";
import { corner, loadMesh, normals } from "./mesh";

export const NOTHING = 0;
export const LAMP = 1;
export const DIFFUSE = 2;
/** A diffuse body under a clear, smooth coat: glazed ceramics. */
export const GLAZED = 3;
export const METAL = 4;
export const GLASS = 5;

/** What the last `trace` met: material, distance, outward normals (true and smoothed), colour. */
export let material = NOTHING;
export let distance: f32 = 0;
export let gx: f32 = 0;
export let gy: f32 = 0;
export let gz: f32 = 0;
export let nx: f32 = 0;
export let ny: f32 = 0;
export let nz: f32 = 0;
export let red: f32 = 0;
export let green: f32 = 0;
export let blue: f32 = 0;

/** The lamp: a corner, two edges at right angles, the direction it shines to, and its area. */
export const LAMP_X: f32 = -13;
export const LAMP_Y: f32 = 17;
export const LAMP_Z: f32 = 4;
export const LAMP_AX: f32 = 6;
export const LAMP_AY: f32 = 0;
export const LAMP_AZ: f32 = 6;
export const LAMP_BX: f32 = 4;
export const LAMP_BY: f32 = 4.8;
export const LAMP_BZ: f32 = -4;
export let lampNx: f32 = 0;
export let lampNy: f32 = 0;
export let lampNz: f32 = 0;
export let lampArea: f32 = 0;
export const LAMP_RED: f32 = 17;
export const LAMP_GREEN: f32 = 14.8;
export const LAMP_BLUE: f32 = 11.8;

/** Middle, radius, material, colour: eight f32 each. */
const SPHERES: StaticArray<f32> = [
  5.9, 1.6, -1.4, 1.6, <f32>METAL, 1.0, 0.74, 0.4,
  -6.1, 1.3, 2.6, 1.3, <f32>GLASS, 0.98, 0.99, 0.985,
  4.1, 0.8, 4.2, 0.8, <f32>GLAZED, 0.75, 0.06, 0.035,
];
const SPHERE_VALUES = 8;

export function buildScene(meshPath: string): void {
  loadMesh(meshPath);
  buildBvh();
  const x = LAMP_AY * LAMP_BZ - LAMP_AZ * LAMP_BY;
  const y = LAMP_AZ * LAMP_BX - LAMP_AX * LAMP_BZ;
  const z = LAMP_AX * LAMP_BY - LAMP_AY * LAMP_BX;
  lampArea = sqrt<f32>(x * x + y * y + z * z);
  const sign: f32 = y > 0 ? -1 : 1;
  lampNx = (sign * x) / lampArea;
  lampNy = (sign * y) / lampArea;
  lampNz = (sign * z) / lampArea;
}

/** Whether anything but the lamp is nearer than `limit`. */
export function hidden(ox: f32, oy: f32, oz: f32, dx: f32, dy: f32, dz: f32, limit: f32): bool {
  for (let at = 0; at < SPHERES.length; at += SPHERE_VALUES) {
    if (meetSphere(at, ox, oy, oz, dx, dy, dz) < limit) return true;
  }
  return meet(ox, oy, oz, dx, dy, dz, limit, true) < limit;
}

/** Finds the nearest thing and fills in what was met. */
export function trace(ox: f32, oy: f32, oz: f32, dx: f32, dy: f32, dz: f32, lampSeen: bool): void {
  distance = Infinity;
  material = NOTHING;
  if (dy < 0) meetFloor(ox, oy, oz, dx, dy, dz);
  if (lampSeen) {
    const lamp = lampDistance(ox, oy, oz, dx, dy, dz);
    if (lamp < distance) {
      distance = lamp;
      material = LAMP;
    }
  }
  for (let at = 0; at < SPHERES.length; at += SPHERE_VALUES) {
    const here = meetSphere(at, ox, oy, oz, dx, dy, dz);
    if (here < distance) {
      distance = here;
      fromSphere(at, ox + here * dx, oy + here * dy, oz + here * dz);
    }
  }
  const here = meet(ox, oy, oz, dx, dy, dz, distance, false);
  if (here < distance) {
    distance = here;
    fromTriangle();
  }
}

function meetFloor(ox: f32, oy: f32, oz: f32, dx: f32, dy: f32, dz: f32): void {
  const here = -oy / dy;
  if (here <= 0) return;
  distance = here;
  material = DIFFUSE;
  gx = nx = 0;
  gy = ny = 1;
  gz = nz = 0;
  red = 0.66;
  green = 0.63;
  blue = 0.59;
}

/** Distance to the lamp's bright side, or infinity. Does not look what is in between. */
export function lampDistance(ox: f32, oy: f32, oz: f32, dx: f32, dy: f32, dz: f32): f32 {
  const facing = dx * lampNx + dy * lampNy + dz * lampNz;
  if (facing >= 0) return Infinity;
  const rx = LAMP_X - ox;
  const ry = LAMP_Y - oy;
  const rz = LAMP_Z - oz;
  const here = (rx * lampNx + ry * lampNy + rz * lampNz) / facing;
  if (here <= 0) return Infinity;
  const px = here * dx - rx;
  const py = here * dy - ry;
  const pz = here * dz - rz;
  const a = (px * LAMP_AX + py * LAMP_AY + pz * LAMP_AZ) / square(LAMP_AX, LAMP_AY, LAMP_AZ);
  const b = (px * LAMP_BX + py * LAMP_BY + pz * LAMP_BZ) / square(LAMP_BX, LAMP_BY, LAMP_BZ);
  return a >= 0 && a <= 1 && b >= 0 && b <= 1 ? here : Infinity;
}

function meetSphere(at: i32, ox: f32, oy: f32, oz: f32, dx: f32, dy: f32, dz: f32): f32 {
  const cx = unchecked(SPHERES[at]) - ox;
  const cy = unchecked(SPHERES[at + 1]) - oy;
  const cz = unchecked(SPHERES[at + 2]) - oz;
  const radius = unchecked(SPHERES[at + 3]);
  const along = cx * dx + cy * dy + cz * dz;
  const offX = cx - along * dx;
  const offY = cy - along * dy;
  const offZ = cz - along * dz;
  const inside = radius * radius - square(offX, offY, offZ);
  if (inside <= 0) return Infinity;
  const half = sqrt<f32>(inside);
  if (along - half > EPSILON) return along - half;
  if (along + half > EPSILON) return along + half;
  return Infinity;
}

/** Where rays begin is pushed off the surface by this much; the scene is some ten units wide. */
export const EPSILON: f32 = 0.0008;

function fromSphere(at: i32, px: f32, py: f32, pz: f32): void {
  const inverse: f32 = 1 / unchecked(SPHERES[at + 3]);
  gx = nx = (px - unchecked(SPHERES[at])) * inverse;
  gy = ny = (py - unchecked(SPHERES[at + 1])) * inverse;
  gz = nz = (pz - unchecked(SPHERES[at + 2])) * inverse;
  material = <i32>unchecked(SPHERES[at + 4]);
  red = unchecked(SPHERES[at + 5]);
  green = unchecked(SPHERES[at + 6]);
  blue = unchecked(SPHERES[at + 7]);
}

function fromTriangle(): void {
  const a = normals + corner(hitTriangle, 0) * 12;
  const b = normals + corner(hitTriangle, 1) * 12;
  const c = normals + corner(hitTriangle, 2) * 12;
  const w: f32 = 1 - hitU - hitV;
  nx = w * load<f32>(a) + hitU * load<f32>(b) + hitV * load<f32>(c);
  ny = w * load<f32>(a, 4) + hitU * load<f32>(b, 4) + hitV * load<f32>(c, 4);
  nz = w * load<f32>(a, 8) + hitU * load<f32>(b, 8) + hitV * load<f32>(c, 8);
  const inverse: f32 = 1 / sqrt<f32>(square(nx, ny, nz));
  nx *= inverse;
  ny *= inverse;
  nz *= inverse;
  gx = nx;
  gy = ny;
  gz = nz;
  material = GLAZED;
  red = 0.05;
  green = 0.3;
  blue = 0.29;
}

@inline
export function square(x: f32, y: f32, z: f32): f32 {
  return x * x + y * y + z * z;
}
