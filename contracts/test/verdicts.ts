/** What `forge test --json` says, one verdict a test. */

export interface Verdict {
  /** The test contract, as `contracts/test/GridToken.t.sol:GridTokenTest`. */
  readonly suite: string;
  readonly test: string;
  /** The reason and, of a fuzzed test, its counterexample; undefined if it passed. */
  readonly failure: string | undefined;
}

interface Report {
  readonly [suite: string]: {
    readonly test_results: Readonly<
      Record<string, { readonly status: string; readonly reason: unknown; readonly counterexample: unknown }>
    >;
  };
}

/** Empty where forge could not even compile. */
export function verdicts(report: string): readonly Verdict[] {
  const line = report.split('\n').find((each) => each.startsWith('{'));
  if (line === undefined) return [];
  return Object.entries(JSON.parse(line) as Report).flatMap(([suite, { test_results }]) =>
    Object.entries(test_results).map(([test, { status, reason, counterexample }]) => ({
      suite,
      test,
      failure: status === 'Success' ? undefined : JSON.stringify({ reason, counterexample }),
    })),
  );
}
