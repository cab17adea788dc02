/**
 * One tile of the picture: `width height left top columns rows samples bounces`. Leaves `/out/tile.rgb`,
 * three bytes a pixel, row by row, and on standard output how many rays it traced.
 */

import { args, fail, pause, print, progress, writeFile } from "conun";
import { follow, outBlue, outGreen, outRed, rays } from "./path";
import { beginPath, draw, u, v } from "./sampler";
import { buildScene } from "./scene";
import { toneMap } from "./tone";

const given = args();
if (given.length != 8) fail("expected: width height left top columns rows samples bounces");
const width = <u32>U32.parseInt(given[0]);
const height = <u32>U32.parseInt(given[1]);
const left = <u32>U32.parseInt(given[2]);
const top = <u32>U32.parseInt(given[3]);
const columns = <u32>U32.parseInt(given[4]);
const rows = <u32>U32.parseInt(given[5]);
const samples = <u32>U32.parseInt(given[6]);
const bounces = <u32>U32.parseInt(given[7]);

/** The eye, what it looks at, and half the height of the picture at distance 1: a portrait lens. */
const EYE_X: f32 = -3.2;
const EYE_Y: f32 = 8.2;
const EYE_Z: f32 = 25;
const AIM_X: f32 = -0.1;
const AIM_Y: f32 = 4.15;
const AIM_Z: f32 = 0.4;
const HALF_HEIGHT: f32 = 0.255;

buildScene("/in/mesh");

const forwardLength: f32 = sqrt<f32>(
  (AIM_X - EYE_X) * (AIM_X - EYE_X) + (AIM_Y - EYE_Y) * (AIM_Y - EYE_Y) + (AIM_Z - EYE_Z) * (AIM_Z - EYE_Z),
);
const forwardX: f32 = (AIM_X - EYE_X) / forwardLength;
const forwardY: f32 = (AIM_Y - EYE_Y) / forwardLength;
const forwardZ: f32 = (AIM_Z - EYE_Z) / forwardLength;
const across: f32 = sqrt<f32>(forwardX * forwardX + forwardZ * forwardZ);
const rightX: f32 = -forwardZ / across;
const rightZ: f32 = forwardX / across;
const upX: f32 = -rightZ * forwardY;
const upY: f32 = rightZ * forwardX - rightX * forwardZ;
const upZ: f32 = rightX * forwardY;

const pixels = new Uint8Array(columns * rows * 3);
for (let row: u32 = 0; row < rows; row++) {
  for (let column: u32 = 0; column < columns; column++) {
    pixel(left + column, top + row, (row * columns + column) * 3);
  }
  progress(<f64>(row + 1) / <f64>rows);
  pause();
}
writeFile("/out/tile.rgb", pixels);
print(rays.toString());

function pixel(x: u32, y: u32, at: u32): void {
  let red: f32 = 0;
  let green: f32 = 0;
  let blue: f32 = 0;
  const scale: f32 = (2 * HALF_HEIGHT) / <f32>height;
  for (let sample: u32 = 0; sample < samples; sample++) {
    beginPath(x, y, sample);
    draw();
    const sx: f32 = (<f32>x + 0.5 + tent(u) - <f32>width * 0.5) * scale;
    const sy: f32 = (<f32>height * 0.5 - <f32>y - 0.5 - tent(v)) * scale;
    const dx: f32 = forwardX + sx * rightX + sy * upX;
    const dy: f32 = forwardY + sy * upY;
    const dz: f32 = forwardZ + sx * rightZ + sy * upZ;
    const inverse: f32 = 1 / sqrt<f32>(dx * dx + dy * dy + dz * dz);
    follow(EYE_X, EYE_Y, EYE_Z, dx * inverse, dy * inverse, dz * inverse, bounces);
    red += outRed;
    green += outGreen;
    blue += outBlue;
  }
  const share: f32 = 1 / <f32>samples;
  toneMap(red * share, green * share, blue * share, pixels.dataStart + at);
}

/** A pixel gathers light from a tent two pixels wide: smoother edges than a box. */
function tent(t: f32): f32 {
  return t < 0.5 ? sqrt<f32>(2 * t) - 1 : 1 - sqrt<f32>(2 - 2 * t);
}
