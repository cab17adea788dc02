/** The library comes without types. It runs `nvidia-smi -q -x` and gives its XML as plain objects. */
declare module 'node-nvidia-smi' {
  /** `fault` is the error of the process, or a text that the program wrote to standard error. */
  export default function nvidiaSmi(done: (fault: unknown, log?: unknown) => void): void;
}
