import { args, print } from "conun";

const given = args();
if (given.length > 0) {
  // A dependent chain of multiplications: nothing to fold away, no memory traffic.
  let state: u64 = 1;
  for (let left = U64.parseInt(given[0]); left > 0; left--) {
    state = state * 6364136223846793005 + 1442695040888963407;
  }
  print(state.toString());
}
