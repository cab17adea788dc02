/**
 * Follows one path of light backwards from the eye (Kajiya, "The Rendering Equation", 1986): at diffuse
 * surfaces it asks the lamp directly and goes on in a cosine-distributed direction; glass, metal and glaze
 * bend or mirror it.
 */

import { draw, u, v } from "./sampler";
import {
  DIFFUSE, EPSILON, GLASS, GLAZED, LAMP, LAMP_AX, LAMP_AY, LAMP_AZ, LAMP_BLUE, LAMP_BX, LAMP_BY,
  LAMP_BZ, LAMP_GREEN, LAMP_RED, LAMP_X, LAMP_Y, LAMP_Z, METAL, NOTHING, blue, distance, green, gx,
  gy, gz, hidden, lampArea, lampDistance, lampNx, lampNy, lampNz, material, nx, ny, nz, red, square,
  trace,
} from "./scene";

/** Radiance that the last path brought. */
export let outRed: f32 = 0;
export let outGreen: f32 = 0;
export let outBlue: f32 = 0;
/** Rays traced since the program began, shadow rays included. */
export let rays: u64 = 0;

const PI: f32 = 3.14159265;
/** Light that comes round a corner brighter than this is cut: single grains of it would be seen as noise. */
const INDIRECT_MAX: f32 = 1.5;
const GLASS_INDEX: f32 = 1.5;

let ox: f32 = 0;
let oy: f32 = 0;
let oz: f32 = 0;
let dx: f32 = 0;
let dy: f32 = 0;
let dz: f32 = 0;
let weightRed: f32 = 1;
let weightGreen: f32 = 1;
let weightBlue: f32 = 1;
/** Diffuse surfaces so far; and whether a lamp that the next ray meets is light not yet counted. */
let scattered = 0;
let lampCounts = true;

export function follow(
  fromX: f32, fromY: f32, fromZ: f32, toX: f32, toY: f32, toZ: f32, bounces: u32,
): void {
  ox = fromX;
  oy = fromY;
  oz = fromZ;
  dx = toX;
  dy = toY;
  dz = toZ;
  weightRed = weightGreen = weightBlue = 1;
  outRed = outGreen = outBlue = 0;
  scattered = 0;
  lampCounts = true;
  for (let bounce: u32 = 0; bounce <= bounces; bounce++) {
    rays++;
    // A lamp that was asked directly must not be counted again; the eye does not see it either.
    trace(ox, oy, oz, dx, dy, dz, lampCounts && bounce > 0);
    if (material == NOTHING) return sky(dx, dy);
    if (material == LAMP) return gather(LAMP_RED, LAMP_GREEN, LAMP_BLUE);
    const fade = floorFade();
    ox += distance * dx;
    oy += distance * dy;
    oz += distance * dz;
    if (material == GLASS) refract();
    else if (material == METAL) polish();
    else if (material == GLAZED && scattered == 0 && glaze()) continue;
    else if (!scatter(fade)) return;
  }
}

/** Light from the sky in direction `x`, `y`: a dim studio, brighter above and to the right. */
function sky(x: f32, y: f32): void {
  const side: f32 = 0.5 + 0.5 * x;
  const above: f32 = max<f32>(y, 0);
  const glow: f32 = above * above;
  const r: f32 = 0.13 + 0.3 * glow + 0.05 * side;
  const g: f32 = 0.165 + 0.36 * glow + 0.035 * side;
  const b: f32 = 0.225 + 0.48 * glow + 0.01 * side;
  gather(r, g, b);
}

function gather(r: f32, g: f32, b: f32): void {
  let addRed = weightRed * r;
  let addGreen = weightGreen * g;
  let addBlue = weightBlue * b;
  if (scattered > 0) {
    const most = max(addRed, max(addGreen, addBlue));
    if (most > INDIRECT_MAX) {
      const cut = INDIRECT_MAX / most;
      addRed *= cut;
      addGreen *= cut;
      addBlue *= cut;
    }
  }
  outRed += addRed;
  outGreen += addGreen;
  outBlue += addBlue;
}

/** How far the floor has faded into the backdrop: it has no edge and no horizon. */
function floorFade(): f32 {
  if (material != DIFFUSE) return 0;
  const x = ox + distance * dx;
  const z = oz + distance * dz;
  const away: f32 = sqrt<f32>(x * x + z * z);
  const t: f32 = min<f32>(1, max<f32>(0, (away - 16) / 44));
  return t * t * (3 - 2 * t);
}

function turnOutward(): bool {
  return dx * gx + dy * gy + dz * gz < 0;
}

/** Off the surface, to the side that `sign` says, so that the next ray does not meet it again. */
function step(sign: f32): void {
  ox += sign * EPSILON * gx;
  oy += sign * EPSILON * gy;
  oz += sign * EPSILON * gz;
}

/** Share of light that a smooth surface mirrors (Schlick's approximation for an index of 1.5). */
function fresnel(cosine: f32): f32 {
  const m: f32 = 1 - min<f32>(1, max<f32>(0, cosine));
  const m2 = m * m;
  return 0.04 + 0.96 * m2 * m2 * m;
}

/**
 * One of many paths mirrors at the glaze, the others go through it. The lamp is so bright that this choice
 * would speckle its highlight, so its mirror image is added to all of them.
 */
function glaze(): bool {
  const cosine: f32 = -(dx * nx + dy * ny + dz * nz);
  const share = fresnel(cosine);
  const mx = dx + 2 * cosine * nx;
  const my = dy + 2 * cosine * ny;
  const mz = dz + 2 * cosine * nz;
  step(1);
  const away = lampDistance(ox, oy, oz, mx, my, mz);
  if (away < Infinity) {
    rays++;
    if (!hidden(ox, oy, oz, mx, my, mz, away)) {
      gather(share * LAMP_RED, share * LAMP_GREEN, share * LAMP_BLUE);
    }
  }
  lampCounts = false;
  draw();
  if (u >= share) return false;
  dx = mx;
  dy = my;
  dz = mz;
  return true;
}

function tint(): void {
  weightRed *= red;
  weightGreen *= green;
  weightBlue *= blue;
}

function polish(): void {
  tint();
  const along: f32 = 2 * (dx * nx + dy * ny + dz * nz);
  dx -= along * nx;
  dy -= along * ny;
  dz -= along * nz;
  step(1);
  lampCounts = true;
}

function refract(): void {
  const entering = turnOutward();
  const sign: f32 = entering ? 1 : -1;
  const mx = sign * nx;
  const my = sign * ny;
  const mz = sign * nz;
  const ratio: f32 = entering ? 1 / GLASS_INDEX : GLASS_INDEX;
  const cosine: f32 = -(dx * mx + dy * my + dz * mz);
  const inner: f32 = 1 - ratio * ratio * (1 - cosine * cosine);
  draw();
  if (inner <= 0 || u < fresnel(entering ? cosine : sqrt<f32>(inner))) {
    const along: f32 = 2 * cosine;
    dx += along * mx;
    dy += along * my;
    dz += along * mz;
    step(sign);
  } else {
    const bend: f32 = ratio * cosine - sqrt<f32>(inner);
    dx = ratio * dx + bend * mx;
    dy = ratio * dy + bend * my;
    dz = ratio * dz + bend * mz;
    step(-sign);
    tint();
  }
  lampCounts = true;
}

/** Asks the lamp, and goes on in some direction. False when the path is over. */
function scatter(fade: f32): bool {
  if (fade > 0) {
    const keep: f32 = 1 - fade;
    const r = weightRed;
    const g = weightGreen;
    const b = weightBlue;
    weightRed *= fade;
    weightGreen *= fade;
    weightBlue *= fade;
    sky(dx, 0);
    if (fade >= 1) return false;
    weightRed = r * keep;
    weightGreen = g * keep;
    weightBlue = b * keep;
  }
  tint();
  step(1);
  lamp();
  scattered++;
  lampCounts = false;
  cosineDirection();
  // Roulette from the second diffuse surface on: dark paths end early, the others count for them.
  if (scattered < 2) return true;
  const most = max(weightRed, max(weightGreen, weightBlue));
  const chance: f32 = min<f32>(0.9, most);
  draw();
  if (u >= chance) return false;
  const up: f32 = 1 / chance;
  weightRed *= up;
  weightGreen *= up;
  weightBlue *= up;
  return true;
}

/** Light straight from one point of the lamp, if nothing hides it. */
function lamp(): void {
  draw();
  const rx = LAMP_X + u * LAMP_AX + v * LAMP_BX - ox;
  const ry = LAMP_Y + u * LAMP_AY + v * LAMP_BY - oy;
  const rz = LAMP_Z + u * LAMP_AZ + v * LAMP_BZ - oz;
  const away2 = square(rx, ry, rz);
  const away = sqrt<f32>(away2);
  const inverse: f32 = 1 / away;
  const lx = rx * inverse;
  const ly = ry * inverse;
  const lz = rz * inverse;
  const here = lx * nx + ly * ny + lz * nz;
  const there: f32 = -(lx * lampNx + ly * lampNy + lz * lampNz);
  if (here <= 0 || there <= 0) return;
  rays++;
  if (hidden(ox, oy, oz, lx, ly, lz, away - EPSILON)) return;
  const share: f32 = (here * there * lampArea) / (PI * away2);
  gather(LAMP_RED * share, LAMP_GREEN * share, LAMP_BLUE * share);
}

/** Around the normal, by Duff and others' basis ("Building an Orthonormal Basis, Revisited", JCGT 2017). */
function cosineDirection(): void {
  draw();
  const angle: f32 = 2 * PI * u;
  const radius: f32 = sqrt<f32>(v);
  const x: f32 = radius * Mathf.cos(angle);
  const y: f32 = radius * Mathf.sin(angle);
  const z: f32 = sqrt<f32>(max<f32>(0, 1 - v));
  const sign: f32 = nz >= 0 ? 1 : -1;
  const a: f32 = -1 / (sign + nz);
  const b: f32 = nx * ny * a;
  dx = x * (1 + sign * nx * nx * a) + y * b + z * nx;
  dy = x * sign * b + y * (sign + ny * ny * a) + z * ny;
  dz = -x * sign * nx - y * ny + z * nz;
}
