/**
 * From radiance to eight bits a channel: exposure, Narkowicz's fit of the ACES film curve (2015), and sRGB's
 * gamma.
 */

const EXPOSURE: f32 = 0.95;

/** Writes three bytes. */
export function toneMap(red: f32, green: f32, blue: f32, to: usize): void {
  store<u8>(to, channel(red));
  store<u8>(to, channel(green), 1);
  store<u8>(to, channel(blue), 2);
}

function channel(radiance: f32): u8 {
  const x: f32 = radiance * EXPOSURE;
  const film: f32 = (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14);
  const light: f32 = min<f32>(1, max<f32>(0, film));
  const encoded: f32 = light <= 0.0031308 ? 12.92 * light : 1.055 * Mathf.pow(light, 1.0 / 2.4) - 0.055;
  return <u8>(encoded * 255 + 0.5);
}
