import { args, pause, print, progress } from "conun";

const seed = U64.parseInt(args()[0]);
const throws = U64.parseInt(args()[1]);

let state: u64 = seed * 0x9e3779b97f4a7c15 + 1;

/** xorshift64*: enough for darts, and the same on every machine. */
function coordinate(): f64 {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return <f64>((state * 0x2545f4914f6cdd1d) >> 11) / 9007199254740992.0;
}

let inside: u64 = 0;
for (let n: u64 = 0; n < throws; n++) {
  const x = coordinate();
  const y = coordinate();
  if (x * x + y * y < 1) inside++;
  if ((n & 0xfffff) == 0) {
    progress(<f64>n / <f64>throws);
    pause();
  }
}
print(inside.toString());
